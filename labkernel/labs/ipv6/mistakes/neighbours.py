"""Usual mistakes and other right answers: neighbours and duplicate addresses."""

from labkernel import Mistake
from labkernel.labs import ipv6

MISTAKES = {
    ipv6.own: [
        Mistake("true", says="but 2001:db8::1 is there"),
        Mistake(
            "ip -6 address del 2001:db8::1/64 dev eth0",
            says="but 2001:db8::2 is not there",
            fix="ip -6 address add 2001:db8::1/64 dev eth0",
        ),
        Mistake("ip -6 address add 2001:db8::2/128 dev eth0", says="but 2001:db8::1 is there"),
    ],
}
