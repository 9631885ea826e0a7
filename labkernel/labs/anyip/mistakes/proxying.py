"""Usual mistakes and other right answers: the prefix on the link."""

from labkernel import Mistake, Right
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
        Mistake(  # a program answers, and the kernel is no proxy
            "cat > /etc/ndppd.conf <<END\n"
            "proxy eth0 {\n  rule 2001:db8:2:0:8000::1/128 {\n    static\n  }\n}\n"
            "END\nndppd -d -p /run/ndppd.pid",
            says="it is a proxy for nothing",
            fix="start-stop-daemon --stop --quiet --oknodo --retry 5 --exec /usr/sbin/ndppd",
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
        Mistake(  # less than was asked for
            "ip -6 route del local 2001:db8:2::/64 dev lo\n"
            "ip -6 route del local 2001:db8:2:0:8000::/65 dev lo\n"
            "ip -6 route add local 2001:db8:2:0:8000::/66 dev lo",
            says="only 2001:db8:2:0:8000::/66 is",
            fix="ip -6 route del local 2001:db8:2:0:8000::/66 dev lo\n"
            "ip -6 route replace local 2001:db8:2:0:8000::/65 dev lo\n"
            "ip -6 route replace local 2001:db8:2::/64 dev lo",
        ),
        Mistake(  # where the replies go is not where the requests come from
            "ip -6 route add 2001:db8:2::1/128 dev eth0",
            says="server takes it for itself",
            fix="ip -6 route del 2001:db8:2::1/128 dev eth0",
        ),
    ],
}

ALSO_RIGHT = {
    anyip.proxy: [
        Right(  # the setting of all interfaces
            "sysctl -w net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.proxy_ndp=1\n"
            "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth0",
            undo=f"{anyip.proxy.undo}\nsysctl -w net.ipv6.conf.all.proxy_ndp=0",
        ),
        Right(
            "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n"
            "echo 1 > /proc/sys/net/ipv6/conf/eth0/proxy_ndp\n"
            "ip neigh replace proxy 2001:db8:2:0:8000::1 dev eth0",
        ),
    ],
    anyip.repair: [
        Right("ip -6 route del local 2001:db8:2::/64 dev lo"),
        Right(  # an exception for the router, where the kernel looks first
            "ip -6 route add unicast 2001:db8:2::1/128 dev eth0 table local",
            undo="ip -6 route del 2001:db8:2::1/128 dev eth0 table local",
        ),
    ],
}
