"""Usual mistakes and other right answers: the flags and lifetimes of a prefix."""

from labkernel import Mistake
from labkernel.labs import ipv6
from labkernel.labs.ipv6.commands import STOP_RADVD, edit_radvd

MISTAKES = {
    ipv6.offlink: [
        Mistake("true", says="but L is set"),
        Mistake(
            edit_radvd("s/AdvAutonomous on/AdvAutonomous off/"),
            says="but it is announced without the A flag",
        ),
        Mistake(STOP_RADVD, says="but no radvd runs there"),
    ],
    ipv6.renew: [
        Mistake("true", says="but the preferred lifetime is 0"),
    ],
}
