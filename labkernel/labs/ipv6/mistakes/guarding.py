"""Usual mistakes and other right answers: the rogue router and its filters."""

import ipaddress

from labkernel import Mistake, Right
from labkernel.labs import ipv6
from labkernel.labs.ipv6.checks.addressing import eui64

FILTER = ipv6.filter_port.solution

ROGUE = ipv6.rogue.run.splitlines()[-1]

_PORT = next(port for port in ipv6.lab.topology.ports_of("laptop") if port.name == "eth0")
#: the laptop's link-local address, which has its MAC address in it (EUI-64)
_LAPTOP = ipaddress.IPv6Address(bytes.fromhex("fe80000000000000") + eui64(_PORT.mac))

MISTAKES = {
    ipv6.guard: [
        Mistake("true", says="it still hears laptop"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra=0",
            says="The router's advertisements are lost as well",
            fix="sysctl -q -w net.ipv6.conf.eth0.accept_ra=1",
            fix_first=True,
        ),
        Mistake(
            ipv6.guard.solution.replace("ip6 saddr != $(via medium) ", ""),
            says="it does not hear the router either",
        ),
        Mistake(
            ipv6.guard.solution.rsplit("\n", 1)[0],
            says="What it has learned already stays",
        ),
        Mistake(ipv6.rogue.undo, says="laptop announces no more", on="laptop", fix=ROGUE),
        Mistake(  # the laptop alone, by its address
            ipv6.guard.solution.replace("ip6 saddr != $(via medium)", "ip6 saddr $(via high)"),
            says="another stranger's",
        ),
        Mistake(  # a better preference is another's
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra_rtr_pref=0\nrdisc6 -1 -q eth0",
            says="it still hears laptop",
            fix="sysctl -q -w net.ipv6.conf.eth0.accept_ra_rtr_pref=1\n"
            "ip -6 route flush exact default\nrdisc6 -q -r 2 -w 1200 eth0 > /dev/null",
            fix_first=True,
        ),
    ],
    ipv6.filter_port: [
        Mistake("true", says="The switch has no rules yet"),
        Mistake(ipv6.rogue.undo, says="filter its port", on="laptop", fix=ROGUE),
        Mistake(
            FILTER.replace("table bridge", "table inet"),
            says="no family but `bridge` sees them",
        ),
        Mistake(
            FILTER.replace("hook forward", "hook input"),
            says="input is for the switch itself",
        ),
        Mistake(
            FILTER.replace("iifname eth1", "iifname eth0"),
            says="the laptop's is eth1",
        ),
        Mistake(
            FILTER.replace("iifname eth1 ", ""),
            says="laptop does not hear the router any more",
        ),
        Mistake(
            FILTER.replace("icmpv6 type nd-router-advert", "ip6 version 6"),
            says="but laptop does not reach",
        ),
        Mistake(  # the laptop's address, and not its port
            FILTER.replace("iifname eth1 icmpv6", f"ip6 saddr {_LAPTOP} icmpv6"),
            says="which came in by the same port, gets through",
        ),
        Mistake(  # TCP goes with it
            FILTER.replace(
                "icmpv6 type nd-router-advert drop", "icmpv6 type != nd-router-advert accept\n"
            ).replace("accept\n", "accept\n    iifname eth1 drop"),
            says="a TCP segment of laptop gets no answer",
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.guard: [
        Right(  # by the router's MAC address, where frames come in
            """\
ping -n -c 1 -W 1 2001:db8::1 > /dev/null
mac=$(ip -6 neigh show to 2001:db8::1 | sed 's/.*lladdr \\([^ ]*\\).*/\\1/')
nft -f - <<END
flush ruleset
table netdev guard {
  chain ingress {
    type filter hook ingress device eth0 priority 0;
    icmpv6 type nd-router-advert ether saddr != $mac drop
  }
}
END
for hop in $(ip -6 route show default | sed -n "/pref high/s/.*via \\([^ ]*\\).*/\\1/p"); do
  ip -6 route del default via $hop dev eth0
done""",
        ),
        Right(  # accept the right one, then drop the rest
            ipv6.guard.solution.replace(
                "icmpv6 type nd-router-advert ip6 saddr != $(via medium) drop",
                "icmpv6 type nd-router-advert ip6 saddr $(via medium) accept\n"
                "    icmpv6 type nd-router-advert counter drop",
            ),
        ),
    ],
    ipv6.filter_port: [
        Right(
            FILTER.replace("hook forward priority 0", "hook prerouting priority 0"),
        ),
        Right(
            FILTER.replace("table bridge", "table netdev")
            .replace("chain forward", "chain ingress")
            .replace("hook forward", "hook ingress device eth1")
            .replace("iifname eth1 ", ""),
        ),
    ],
}
