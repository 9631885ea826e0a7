"""Start: usual mistakes, and other right answers."""

from labkernel import Mistake, Right
from labkernel.labs import start

MISTAKES = {
    start.answer: [
        Mistake("true", says="expected the address 2001:db8::b0b"),
        Mistake(  # it answers, and bravo is not who has it
            "ip -6 address add 2001:db8::b0b/64 dev eth0",
            says="bravo: expected the address 2001:db8::b0b",
            on="alpha",
            fix="ip -6 address del 2001:db8::b0b/64 dev eth0",
        ),
        Mistake(  # begins like it
            "ip -6 address add 2001:db8::b0b0/64 dev eth0",
            says="it has 2001:db8::b0b0/64",
            fix="ip -6 address del 2001:db8::b0b0/64 dev eth0",
        ),
    ],
}

ALSO_RIGHT = {
    start.answer: [
        Right(
            "ip -6 address add 2001:db8::b0b/128 dev eth0", "ip -6 address flush to 2001:db8::b0b"
        ),
        Right(
            "ip -6 address add 2001:db8::b0b/128 dev lo",
            "ip -6 address del 2001:db8::b0b/128 dev lo",
        ),
    ],
}
