"""Every check of every lab can fail: before its step, after its undo, after a wrong answer."""

import pytest

from labkernel import labs
from labkernel.testing import prove_check
from labkernel.testing.proofs import SHORT
from tests.conftest import LONG

from .conftest import Running, bring_before

pytestmark = pytest.mark.backend

EVERY = [
    pytest.param(
        name,
        step.name,
        id=f"{name}-{step.name}",
        marks=pytest.mark.walk(step, proof=True),
    )
    for name in labs.names()
    for step in labs.load(name).steps
]


@pytest.mark.parametrize(("name", "title"), EVERY)
def test_check_is_proved(name: str, title: str, run: Running) -> None:
    """The check fails before its step, passes after it, and fails after its undo or a wrong answer;
    the steps stand in an order that works."""
    running = run(name)
    step = running.lab.find(title)
    if step.why_not():  # what proves it then is a test of its own
        outcome = running.do(step)
        assert (outcome.passed, running.has_passed(step)) == (False, False)
        assert outcome.verdict().startswith("Not run: ")
        return
    bring_before(running, step)
    prove_check(running, step, fresh=False, within=None if LONG else SHORT)


@pytest.mark.parametrize("name", labs.names())
def test_tasks_have_hints(name: str) -> None:
    """A task has hints, the last of which is more than a word."""
    tasks = [step for step in labs.load(name).steps if step.is_task]
    assert all(task.hints and task.about for task in tasks)
