"""Commands and files for path MTU and firewalls."""

WAN = "2001:db8:f::/64 dev eth0 proto kernel metric 256"

CARELESS = """\
nft -f - <<END
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    iifname eth1 meta l4proto tcp accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname eth1 oifname eth0 accept
  }
  chain output {
    type filter hook output priority 0; policy accept;
    meta l4proto ipv6-icmp drop
  }
}
END
ip -6 neigh flush all"""

CAREFUL = """\
nft -f - <<END
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded } accept
    icmpv6 type { parameter-problem, echo-request, nd-router-solicit } accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    iifname eth1 accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname eth1 oifname eth0 accept
  }
}
END"""
