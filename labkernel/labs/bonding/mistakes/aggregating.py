"""Usual mistakes and other right answers: link aggregation."""

from labkernel import Mistake
from labkernel.labs import bonding

PARTNER = bonding.partner.solution

MISTAKES = {
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
