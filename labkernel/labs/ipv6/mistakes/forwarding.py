"""Usual mistakes and other right answers: a router that listens to advertisements."""

from labkernel import Mistake, Right
from labkernel.labs import ipv6

SET = "sysctl -q -w net.ipv6.conf"

MISTAKES = {
    ipv6.listen: [
        Mistake("true", says="a router listens only with 2"),
        Mistake(
            f"{SET}.eth0.accept_ra=0", says="accept_ra is 0 on eth0", fix=f"{SET}.eth0.accept_ra=1"
        ),
        Mistake(
            f"{SET}.all.forwarding=0\nrdisc6 -1 -q eth0",
            says="but it forwards no more",
            fix=f"{SET}.all.forwarding=1",
            fix_first=True,
        ),
        Mistake(
            f"ip -6 route add default via {ipv6.ROUTER} dev eth0",
            says="its default route was made by hand",
            fix="ip -6 route del default dev eth0",
        ),
        Mistake(
            f"{SET}.eth0.accept_ra=2",
            says="Ask for an advertisement",
            fix=f"{SET}.eth0.accept_ra=1\nip -6 route del default dev eth0 || true",
        ),
        Mistake(  # what is of all changes no interface that is there
            f"{SET}.all.accept_ra=2\nrdisc6 -1 -q eth0",
            says="accept_ra is 1 on eth0 (it is 2 on all: that is another one)",
            fix=f"{SET}.all.accept_ra=1",
        ),
        Mistake(  # by hand, with another protocol
            f"ip -6 route add default via {ipv6.ROUTER} dev eth0 proto static",
            says="its default route was made by hand",
            fix="ip -6 route del default dev eth0",
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.listen: [
        Right("echo 2 > /proc/sys/net/ipv6/conf/eth0/accept_ra\nrdisc6 -1 -q eth0"),
        Right(  # a host to advertisements, and a router to packets
            f"{SET}.eth0.forwarding=0\nrdisc6 -1 -q eth0",
            undo=ipv6.listen.undo,
        ),
    ],
}
