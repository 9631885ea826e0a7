"""Bonding: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import bonding
from labkernel.labs.bonding.commands import GIVEN, bond

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "bonding"

ALL_UP = f"""\
ip link del bond0
ip link add bond0 address {GIVEN} type bond mode active-backup miimon 100
for n in 0 1 2 3; do ip link set eth$n up; ip link set eth$n master bond0 || true; done"""
NEW_ID = "rm -f /etc/machine-id /run/machine-id\nsystemd-machine-id-setup"
PARTNER = bonding.partner.solution

MISTAKES: Mistakes = {
    bonding.fixed: [
        ("server", "true", "true", "but bond0 has the address of eth1"),
        ("server", "ip link del bond0", bonding.fixed.undo, "but there is no bond0"),
        (
            "server",
            bond("0 1 2 3", "address 02:b0:4d:00:00:10"),
            bonding.fixed.undo,
            "but bond0 has 02:b0:4d:00:00:10",
        ),
        ("server", ALL_UP, bonding.fixed.undo, "A link that is up can't become one"),
        (
            "server",
            f"{bonding.fixed.solution}\nip link set bond0 down",
            bonding.fixed.undo,
            "but bond0 is down",
        ),
    ],
    bonding.itself: [
        ("switch", "true", "true", "but its machine-id is the server's"),
        ("switch", ": > /etc/machine-id", bonding.itself.undo, "but its machine-id is empty"),
        (
            "switch",
            "rm /etc/machine-id\nsystemd-machine-id-setup",
            bonding.itself.undo,
            "but its machine-id came from /run/machine-id",
        ),
        ("switch", NEW_ID, bonding.itself.undo, "but bond0 has the server's address still"),
        (
            "switch",
            f"{NEW_ID}\nip link del bond0",
            f"ip link add bond0 type bond\n{bonding.itself.undo}",
            "but there is no bond0",
        ),
    ],
    bonding.partner: [
        ("switch", "true", "true", "but bond0 is in the mode balance-rr"),
        (
            "switch",
            PARTNER.replace("802.3ad lacp_rate fast", "active-backup"),
            bonding.partner.undo,
            "but bond0 is in the mode active-backup",
        ),
        (
            "switch",
            PARTNER.replace("0 1 2 3", "0 1 2"),
            bonding.partner.undo,
            "but eth3 is not a member",
        ),
        (
            "switch",
            PARTNER.replace(" master lan", ""),
            bonding.partner.undo,
            "but bond0 is not a port of lan",
        ),
        ("switch", PARTNER.replace("lan up", "lan"), bonding.partner.undo, "but bond0 is down"),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)
