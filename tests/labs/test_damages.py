"""Checks of labs in which something is damaged that nobody has thought of."""

import pytest

from labkernel import labs
from tests.conftest import LONG
from tests.labs.damages import is_over, verdicts

from .conftest import Running

pytestmark = [pytest.mark.backend, pytest.mark.timeout(1800)]

#: what make test tries: of each kind of lab a step whose check reads files and asks daemons
SAMPLE = {
    "start": ("answer",),
    "anyip": ("lead",),
    "prefix-delegation": ("hand-out",),
    "ipv6": ("lease",),
}
EVERY = [
    pytest.param(name, step.name, id=f"{name}-{step.name}", marks=pytest.mark.xdist_group(name))
    for name in labs.names()
    for step in labs.load(name).steps
    if LONG or step.name in SAMPLE.get(name, ())
]


@pytest.mark.parametrize(("name", "step"), EVERY)
def test_a_check_gives_a_verdict(name: str, step: str, run: Running) -> None:
    """Whatever is damaged, a check passes or says what it expected, soon; it never ends with an
    error of its own."""
    running = run(name)
    wanted = next(each for each in running.lab.steps if each.name == step)
    running.goto(wanted)
    assert running.do(wanted).passed
    told = list(verdicts(running, wanted))
    running.reset()
    assert told
    assert [each for each in told if each.passed is None or not is_over(each)] == []
