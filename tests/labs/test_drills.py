"""Every fault of every drill shows, is not fixed by waiting, and is fixed by what it says."""

import pytest

from labkernel import labs
from labkernel.proving import DrillCase
from labkernel.proving.walk import prove_case

from .conftest import Running

pytestmark = pytest.mark.backend

EVERY = [
    (name, place, fault.name)
    for name in labs.names()
    for place, drill in enumerate(labs.load(name).drills)
    for fault in drill.faults
]


@pytest.mark.parametrize(
    ("name", "place", "fault"), EVERY, ids=[f"{name}-{fault}" for name, _, fault in EVERY]
)
def test_fault_is_proved(name: str, place: int, fault: str, run: Running) -> None:
    """The lab works before the fault and after its remedy, and not between."""
    running = run(name)
    drill = running.lab.drills[place]
    broken = next(each for each in drill.faults if each.name == fault)
    prove_case(running, DrillCase(drill, broken))


def test_the_ipv6_lab_has_eight_faults_or_more() -> None:
    """There is something to draw from."""
    assert sum(name == "ipv6" for name, _, _ in EVERY) >= 8
