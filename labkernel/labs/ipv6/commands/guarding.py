"""Commands and files for the rogue router and its filters."""

from labkernel.labs._commands import stop

_ROGUE = "radvd --config /etc/rogue.conf --pidfile /run/rogue.pid"
STOP_ROGUE = stop("/run/rogue.pid")

ROGUE = f"""\
cat > /etc/rogue.conf <<END
interface eth0 {{
  AdvSendAdvert on;
  AdvDefaultPreference high;
  prefix 2001:db8:bad::/64 {{ }};
}};
END
sysctl -q -w net.ipv6.conf.all.forwarding=1
{STOP_ROGUE}
{_ROGUE}"""

GUARD = """\
via() { ip -6 route show default | sed -n "/pref $1/s/.*via \\([^ ]*\\).*/\\1/p"; }
nft -f - <<END
flush ruleset
table inet guard {
  chain input {
    type filter hook input priority 0;
    icmpv6 type nd-router-advert ip6 saddr != $(via medium) drop
  }
}
END
for hop in $(via high); do ip -6 route del default via $hop dev eth0; done"""

FILTER_PORT = """\
nft -f - <<END
flush ruleset
table bridge guard {
  chain forward {
    type filter hook forward priority 0;
    iifname eth1 icmpv6 type nd-router-advert drop
  }
}
END"""
