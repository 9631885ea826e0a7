"""AnyIP: what trainees usually get wrong, and what the checks then say."""

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
    anyip.proxy: [
        Mistake("true", says="it is a proxy for nothing"),
        Mistake(
            "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth0",
            says="proxy_ndp is off on eth0",
            fix="ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth0",
        ),
        Mistake(
            "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth0\n"
            "sysctl -w net.ipv6.conf.all.proxy_ndp=1",
            says="server does not forward",
            fix="ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth0\n"
            "sysctl -w net.ipv6.conf.all.proxy_ndp=0",
        ),
        Mistake(
            "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth1",
            says="router is",
            on="router",
            fix="ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth1",
        ),
        Mistake(
            "ip -6 neigh add proxy 2001:db8:2:0:8000::2 dev eth0",
            says="it is one for 2001:db8:2:0:8000::2",
            fix="ip -6 neigh del proxy 2001:db8:2:0:8000::2 dev eth0",
        ),
        Mistake(
            "ip -6 address add 2001:db8:2:0:8000::1/128 dev eth0",
            says="it has the address itself",
            fix="ip -6 address del 2001:db8:2:0:8000::1/128 dev eth0",
            fix_first=True,
        ),
    ],
    anyip.repair: [
        Mistake("true", says="server takes it for itself"),
        Mistake(
            "ip -6 route del local 2001:db8:2::/64 dev lo\n"
            "ip -6 route del local 2001:db8:2:0:8000::/65 dev lo",
            says="expected every address of 2001:db8:2:0:8000::/65 to be its own",
            fix="ip -6 route add local 2001:db8:2:0:8000::/65 dev lo\n"
            "ip -6 route add local 2001:db8:2::/64 dev lo",
        ),
    ],
    anyip.freebind: [
        Mistake("true", says="there is none"),
        Mistake("serve-one :: 8080", says="On [::] or * it listens on every address"),
        Mistake(
            "serve-one --freebind 2001:db8:100::bad 8080",
            says="it listens on [2001:db8:100::bad]:8080",
        ),
        Mistake(
            "ip -6 address add 2001:db8:100::b1d/128 dev lo",
            says="now an interface has the address",
            fix="ip -6 address del 2001:db8:100::b1d/128 dev lo",
            fix_first=True,
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
    anyip.freebind: [
        Right(
            "sysctl -w net.ipv6.ip_nonlocal_bind=1\nserve-one 2001:db8:100::b1d 8080",
            undo=f"sysctl -w net.ipv6.ip_nonlocal_bind=0\n{anyip.freebind.undo}",
        ),
    ],
}
