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
        Mistake(  # half of it
            "ip -6 route add local 2001:db8:100::/65 dev lo",
            says="The route is for a part of it: its prefix length must be 64",
            fix="ip -6 route del local 2001:db8:100::/65 dev lo",
        ),
        Mistake(  # a table that nobody asks
            "ip -6 route add local 2001:db8:100::/64 dev lo table 100",
            says="its route of type local is in the table 100",
            fix="ip -6 route del local 2001:db8:100::/64 dev lo table 100",
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
        Mistake(  # the one address that was named
            "ip -6 route add 2001:db8:100::dead:b33f/128 via 2001:db8:2::2",
            says="expected every address of 2001:db8:100::/64 to lead to server",
            fix="ip -6 route del 2001:db8:100::dead:b33f/128",
        ),
        Mistake(  # half of it, with that address
            "ip -6 route add 2001:db8:100::/65 via 2001:db8:2::2",
            says="expected every address of 2001:db8:100::/64 to lead to server",
            fix="ip -6 route del 2001:db8:100::/65",
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
        Mistake(  # half of it
            "ip route add local 198.51.100.0/25 dev lo",
            says="The route is for a part of it: its prefix length must be 24",
            fix="ip route del local 198.51.100.0/25 dev lo",
        ),
        Mistake(  # the addresses that one would try
            "for n in 1 77 100 254; do ip address add 198.51.100.$n/32 dev lo; done",
            says="An address is one address",
            fix="for n in 1 77 100 254; do ip address del 198.51.100.$n/32 dev lo; done",
        ),
    ],
}

ALSO_RIGHT = {
    anyip.lead: [
        Right(
            "ip -6 route add 2001:db8:100::/56 via 2001:db8:2::2",
            undo="ip -6 route del 2001:db8:100::/56",
        ),
        Right(  # by a nexthop object
            "ip nexthop replace id 1 via 2001:db8:2::2 dev eth1\n"
            "ip -6 route replace 2001:db8:100::/64 nhid 1",
            undo="ip -6 route del 2001:db8:100::/64\nip nexthop del id 1",
        ),
    ],
    # an address on lo makes the whole of its IPv4 prefix local
    anyip.ipv4: [
        Right(
            "ip address add 198.51.100.1/24 dev lo", undo="ip address del 198.51.100.1/24 dev lo"
        ),
        Right(
            "ip route add local 198.51.100.0/25 dev lo\n"
            "ip route add local 198.51.100.128/25 dev eth0",
            undo="ip route del local 198.51.100.0/25 dev lo\n"
            "ip route del local 198.51.100.128/25 dev eth0",
        ),
    ],
    anyip.attach: [
        Right(
            "ip -6 route add local 2001:db8:100::/65 dev lo\n"
            "ip -6 route add local 2001:db8:100:0:8000::/65 dev lo",
            undo="ip -6 route del local 2001:db8:100::/65 dev lo\n"
            "ip -6 route del local 2001:db8:100:0:8000::/65 dev lo",
        ),
        Right(
            "ip -6 route add local 2001:db8:100::/64 dev eth0",
            undo="ip -6 route del local 2001:db8:100::/64 dev eth0",
        ),
    ],
}
