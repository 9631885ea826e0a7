"""Usual mistakes and other right answers: the WAN's advertisements."""

from labkernel import Mistake, Right
from labkernel.labs import prefix_delegation as pd

MISTAKES = {
    pd.listen: [
        Mistake("true", says="accept_ra is 1 on wan0, and forwarding is 1"),
        Mistake(
            "sysctl -w net.ipv6.conf.wan0.accept_ra=0",
            says="0 means: never",
            fix="sysctl -w net.ipv6.conf.wan0.accept_ra=1",
        ),
        Mistake(
            "sysctl -w net.ipv6.conf.all.forwarding=0\nrdisc6 -1 -q wan0",
            says="it does not forward any more",
            fix="sysctl -w net.ipv6.conf.all.forwarding=1\n" + pd.listen.undo,
            fix_first=True,
        ),
        Mistake(
            "ip -6 route add default via 2001:db8:e::1 dev wan0 onlink",
            says="A route by hand stays",
            fix="ip -6 route del default",
        ),
        Mistake(  # of all, which changes no interface that is there
            "sysctl -q -w net.ipv6.conf.all.accept_ra=2\nrdisc6 -1 -q wan0",
            says="(it is 2 on all: that is another one)",
            fix="sysctl -q -w net.ipv6.conf.all.accept_ra=1",
        ),
        Mistake(
            "sysctl -q -w net.ipv6.conf.lan0.accept_ra=2",
            says="(it is 2 on lan0: that is another one)",
            fix="sysctl -q -w net.ipv6.conf.lan0.accept_ra=1",
        ),
    ],
}

ALSO_RIGHT = {
    pd.listen: [
        Right("echo 2 > /proc/sys/net/ipv6/conf/wan0/accept_ra\nrdisc6 -1 -q wan0"),
        Right(  # a host to advertisements, and a router to packets
            "sysctl -q -w net.ipv6.conf.wan0.forwarding=0\nrdisc6 -1 -q wan0",
            undo=f"sysctl -q -w net.ipv6.conf.wan0.forwarding=1\n{pd.listen.undo}",
        ),
    ],
}
