"""Start: usual mistakes, and other right answers."""

from labkernel import Mistake, Right
from labkernel.labs import start

MISTAKES = {
    start.answer: [
        Mistake("true", says="expected the address 2001:db8::b0b"),
    ],
}

ALSO_RIGHT = {
    start.answer: [
        Right(
            "ip -6 address add 2001:db8::b0b/128 dev eth0", "ip -6 address flush to 2001:db8::b0b"
        ),
    ],
}
