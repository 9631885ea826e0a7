"""Usual mistakes and other right answers: the machine-id and the persistent address."""

from labkernel import Mistake, Right
from labkernel.labs import bonding

NEW_ID = "rm -f /etc/machine-id /run/machine-id\nsystemd-machine-id-setup"

_AGAIN = bonding.itself.solution.split("systemd-machine-id-setup\n")[1]

MISTAKES = {
    bonding.itself: [
        # first: the task itself removes what this one takes
        Mistake(
            "rm /etc/machine-id\nsystemd-machine-id-setup",
            says="but its machine-id came from /run/machine-id",
            fix=bonding.itself.undo,
        ),
        Mistake("true", says="but its machine-id is the server's"),
        Mistake(": > /etc/machine-id", says="but its machine-id is empty", fix=bonding.itself.undo),
        Mistake(NEW_ID, says="but bond0 has the server's address still", fix=bonding.itself.undo),
        Mistake(
            f"{NEW_ID}\nip link del bond0",
            says="but there is no bond0",
            fix=f"ip link add bond0 type bond\n{bonding.itself.undo}",
        ),
        Mistake(  # an address of one's own choice
            f"{NEW_ID}\nip link set bond0 address 02:00:00:00:00:77",
            says="is what follows from its machine-id",
            fix=bonding.itself.undo,
        ),
        Mistake(
            "echo uninitialized > /etc/machine-id",
            says="its machine-id is “uninitialized”",
            fix=bonding.itself.undo,
        ),
    ],
}

ALSO_RIGHT = {
    bonding.itself: [
        Right(  # of the kernel's random numbers
            "tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id\n" + _AGAIN,
        ),
        Right(
            "systemd-id128 new > /etc/machine-id\n" + _AGAIN,
        ),
    ],
}
