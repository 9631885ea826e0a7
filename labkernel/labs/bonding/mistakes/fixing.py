"""Usual mistakes and other right answers: the given address."""

from labkernel import Mistake
from labkernel.labs import bonding
from labkernel.labs.bonding.commands import bond
from labkernel.labs.bonding.topology import GIVEN

ALL_UP = f"""\
ip link del bond0
ip link add bond0 address {GIVEN} type bond mode active-backup miimon 100
for n in 0 1 2 3; do ip link set eth$n up; ip link set eth$n master bond0 || true; done"""

MISTAKES = {
    bonding.fixed: [
        Mistake("true", says="but bond0 has the address of eth1"),
        Mistake("ip link del bond0", says="but there is no bond0", fix=bonding.fixed.undo),
        Mistake(
            bond("0 1 2 3", "address 02:b0:4d:00:00:10"),
            says="but bond0 has 02:b0:4d:00:00:10",
            fix=bonding.fixed.undo,
        ),
        Mistake(ALL_UP, says="A link that is up can't become one", fix=bonding.fixed.undo),
        Mistake(
            f"{bonding.fixed.solution}\nip link set bond0 down",
            says="but bond0 is down",
            fix=bonding.fixed.undo,
        ),
    ],
}
