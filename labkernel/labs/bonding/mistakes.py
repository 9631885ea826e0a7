"""Bonding: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake
from labkernel.labs import bonding
from labkernel.labs.bonding.commands import GIVEN, bond

ALL_UP = f"""\
ip link del bond0
ip link add bond0 address {GIVEN} type bond mode active-backup miimon 100
for n in 0 1 2 3; do ip link set eth$n up; ip link set eth$n master bond0 || true; done"""

NEW_ID = "rm -f /etc/machine-id /run/machine-id\nsystemd-machine-id-setup"

PARTNER = bonding.partner.solution


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
    bonding.itself: [
        Mistake("true", says="but its machine-id is the server's"),
        Mistake(": > /etc/machine-id", says="but its machine-id is empty", fix=bonding.itself.undo),
        Mistake(
            "rm /etc/machine-id\nsystemd-machine-id-setup",
            says="but its machine-id came from /run/machine-id",
            fix=bonding.itself.undo,
        ),
        Mistake(NEW_ID, says="but bond0 has the server's address still", fix=bonding.itself.undo),
        Mistake(
            f"{NEW_ID}\nip link del bond0",
            says="but there is no bond0",
            fix=f"ip link add bond0 type bond\n{bonding.itself.undo}",
        ),
    ],
    bonding.partner: [
        Mistake("true", says="but bond0 is in the mode balance-rr"),
        Mistake(
            PARTNER.replace("802.3ad lacp_rate fast", "active-backup"),
            says="but bond0 is in the mode active-backup",
            fix=bonding.partner.undo,
        ),
        Mistake(
            PARTNER.replace("0 1 2 3", "0 1 2"),
            says="but eth3 is not a member",
            fix=bonding.partner.undo,
        ),
        Mistake(
            PARTNER.replace(" master lan", ""),
            says="but bond0 is not a port of lan",
            fix=bonding.partner.undo,
        ),
        Mistake(
            PARTNER.replace("lan up", "lan"), says="but bond0 is down", fix=bonding.partner.undo
        ),
    ],
}
