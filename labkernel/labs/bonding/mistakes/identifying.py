"""Usual mistakes and other right answers: the machine-id and the persistent address."""

from labkernel import Mistake
from labkernel.labs import bonding

NEW_ID = "rm -f /etc/machine-id /run/machine-id\nsystemd-machine-id-setup"

MISTAKES = {
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
}
