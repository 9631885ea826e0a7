"""Usual mistakes and other right answers: neighbours and duplicate addresses."""

from labkernel import Mistake, Right
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
        Mistake(  # on the wrong interface
            "ip -6 address del 2001:db8::1/64 dev eth0\nip -6 address add 2001:db8::2/128 dev lo",
            says="but 2001:db8::2 is not there",
            fix="ip -6 address del 2001:db8::2/128 dev lo\n"
            "ip -6 address add 2001:db8::1/64 dev eth0",
            fix_first=True,
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.own: [
        Right(
            "ip -6 address del 2001:db8::1/64 dev eth0\nip -6 address add 2001:db8::2/128 dev eth0",
            undo="ip -6 address del 2001:db8::2/128 dev eth0\n"
            "ip -6 address add 2001:db8::1/64 dev eth0",
        ),
        Right(
            "ip -6 address flush to 2001:db8::1 dev eth0\n"
            "ip -6 address replace 2001:db8::2/64 dev eth0 nodad",
        ),
    ],
}
