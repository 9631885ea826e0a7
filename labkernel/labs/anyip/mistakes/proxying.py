"""Usual mistakes and other right answers: the prefix on the link."""

from labkernel import Mistake
from labkernel.labs import anyip

MISTAKES = {
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
}
