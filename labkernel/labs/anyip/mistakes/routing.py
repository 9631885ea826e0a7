"""Usual mistakes and other right answers: the routed prefix."""

from labkernel import Mistake, Right
from labkernel.labs import anyip

MISTAKES = {
    anyip.attach: [
        Mistake(
            "ip -6 address add 2001:db8:100::1/64 dev lo",
            says="only 2001:db8:100::1 is",
            fix="ip -6 address del 2001:db8:100::1/64 dev lo",
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 dev lo",
            says="say `local`",
            fix="ip -6 route del 2001:db8:100::/64 dev lo",
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 dev eth0",
            says="type unicast, by eth0",
            fix="ip -6 route del 2001:db8:100::/64 dev eth0",
        ),
        Mistake(
            "ip -6 route add local 2001:db8:1000::/64 dev lo",
            says="the prefix that it takes is 2001:db8:1000::/64",
            fix="ip -6 route del local 2001:db8:1000::/64 dev lo",
        ),
        Mistake(
            "ip -6 route add local 2001:db8:100::/64 dev lo",
            says="it is router that takes them",
            on="router",
            fix="ip -6 route del local 2001:db8:100::/64 dev lo",
        ),
    ],
    anyip.lead: [
        Mistake("true", says="router has no route to 2001:db8:100::dead:b33f"),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:1::2",
            says="You gave the route to the client",
            on="client",
            fix="ip -6 route del 2001:db8:100::/64",
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:2::3",
            says="2001:db8:2::3 is not the server",
            fix="ip -6 route del 2001:db8:100::/64",
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:1::1",
            says="2001:db8:1::1 is not the server",
            fix="ip -6 route del 2001:db8:100::/64",
        ),
        Mistake(
            "ip -6 route add 2001:db8:1000::/64 via 2001:db8:2::2",
            says="compare it with 2001:db8:100::/64",
            fix="ip -6 route del 2001:db8:1000::/64",
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 dev eth1",
            says="no `via`",
            fix="ip -6 route del 2001:db8:100::/64",
        ),
        Mistake(
            "ip -6 route add local 2001:db8:100::/64 dev lo",
            says="it is the router that takes the packets",
            fix="ip -6 route del local 2001:db8:100::/64 dev lo",
            fix_first=True,  # the table local is asked before the other
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:2::2\n"
            "sysctl -w net.ipv6.conf.all.forwarding=0",
            says="router gets what is for 2001:db8:100::dead:b33f, and neither takes it nor "
            "forwards it",
            fix="ip -6 route del 2001:db8:100::/64\nsysctl -w net.ipv6.conf.all.forwarding=1",
            fix_first=True,
        ),
        Mistake(
            "ip -6 route del local 2001:db8:100::/64 dev lo",
            says="The server does not take 2001:db8:100::/64",
            on="server",
            fix="ip -6 route add local 2001:db8:100::/64 dev lo",
        ),
    ],
    anyip.ipv4: [
        Mistake(
            "ip route add 198.51.100.0/24 dev lo",
            says="say `local`",
            fix="ip route del 198.51.100.0/24 dev lo",
        ),
        Mistake(
            "ip address add 198.51.100.1/24 dev eth0",
            says="only 198.51.100.1 is",
            fix="ip address del 198.51.100.1/24 dev eth0",
        ),
        Mistake(
            "ip route add local 198.51.100.0/24 dev lo",
            says="it is router that takes them",
            on="router",
            fix="ip route del local 198.51.100.0/24 dev lo",
        ),
    ],
}

ALSO_RIGHT = {
    anyip.lead: [
        Right(
            "ip -6 route add 2001:db8:100::/56 via 2001:db8:2::2",
            undo="ip -6 route del 2001:db8:100::/56",
        ),
    ],
    # an address on lo makes the whole of its IPv4 prefix local
    anyip.ipv4: [
        Right(
            "ip address add 198.51.100.1/24 dev lo", undo="ip address del 198.51.100.1/24 dev lo"
        ),
    ],
}
