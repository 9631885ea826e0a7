"""Every fault of every drill shows, is not mended by waiting, and is mended by what it says."""

import pytest

from labkernel import CheckFailed, labs

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
    declared = running.lab.drills[place]
    drill = running.drill(declared)
    if not all(running.has_passed(step) for step in declared.prepare):
        drill.set_up()
    assert declared.health(running.attempt())
    broken = next(each for each in declared.faults if each.name == fault)
    assert drill.break_by(broken)
    assert drill.current is broken
    with pytest.raises(CheckFailed):
        drill.check()
    assert broken.title in drill.solve()


def test_the_ipv6_lab_has_eight_faults_or_more() -> None:
    """There is something to draw from."""
    assert sum(name == "ipv6" for name, _, _ in EVERY) >= 8
