"""Every check of every lab can fail, and says what is so: what `labkernel prove` shows."""

import pytest

from labkernel import Lab, labs
from labkernel.proving import cases_of
from labkernel.proving.cases import Case
from labkernel.proving.walk import prove_case
from tests.conftest import LONG

from .conftest import Running

pytestmark = pytest.mark.backend

#: their daemons and machines take long: where there is no time, every third of their steps
#: is proved, and each of their tasks
_SLOW = ("ceph-bluestore", "cephfs-rstats", "hitch", "nixos")


def _is_proved(lab: Lab, case: Case) -> bool:
    if LONG or case.kind != "step" or case.step.is_task or lab.name not in _SLOW:
        return LONG or not case.is_long
    return lab.steps.index(case.step) % 3 == 0


EVERY = [
    pytest.param(
        name,
        index,
        id=f"{name}-{case.name}",
        marks=pytest.mark.walk(case.step, proof=case.kind == "step"),
    )
    for name in labs.names()
    for index, case in enumerate(cases_of(labs.load(name)))
    if _is_proved(labs.load(name), case)
]


@pytest.mark.parametrize(("name", "index"), EVERY)
def test_case(name: str, index: int, run: Running) -> None:
    """A check fails before its step, passes after it, and fails after its undo or a wrong answer;
    a mistake is refused with its words, and the step can be done after it all the same; other right
    answers pass; the steps stand in an order that works."""
    running = run(name)
    prove_case(running, cases_of(running.lab)[index], long=LONG)


@pytest.mark.parametrize("name", labs.names())
def test_tasks_have_hints(name: str) -> None:
    """A task has hints, the last of which is more than a word."""
    tasks = [step for step in labs.load(name).steps if step.is_task]
    assert all(task.hints and task.about for task in tasks)
