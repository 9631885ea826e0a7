"""What the tests of labs share: running labs, brought to where a test wants them."""

import os
from collections.abc import Callable, Iterator

import pytest

from labkernel import CheckFailed, Lab, Step, images, labs
from labkernel.backends import make

Running = Callable[[str], Lab]

Mistakes = dict[Step, list[tuple[str, str, str, str]]]
"""Of each step: node, mistake, what takes it back, and words of the diagnosis."""


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A lab by its name, running in an instance of its own until the module's end."""
    used: dict[str, Lab] = {}

    def run(name: str) -> Lab:
        if name not in used:
            lab = used[name] = labs.load(name)
            for image in {node.image for node in lab.topology.nodes}:
                images.build(image)
            lab.use(make(lab.backends[0], instance=f"test-{name}-{os.getpid()}", linger=0))
        return used[name].up()

    yield run
    for lab in used.values():
        lab.down()


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest, running: Running) -> Lab:
    """The lab that the module names (LAB); it goes forward from task to task."""
    return running(request.module.LAB)


def bring_before(lab: Lab, step: Step) -> None:
    """The state before a step; where the lab is in it already, nothing is done again."""
    place = lab.steps.index(step)
    passed = [lab.has_passed(each) for each in lab.steps]
    if not all(passed[:place]) or any(passed[place:]):
        lab.goto(step)


def bring_forward(lab: Lab, step: Step) -> None:
    """The state before a step, without a start from afresh; what only looks is not looked at."""
    for earlier in lab.steps[: lab.steps.index(step)]:
        if earlier.undo and not lab.has_passed(earlier):
            outcome = lab.do(earlier)
            assert outcome.passed, outcome.verdict()


def each_of(mistakes: Mistakes) -> pytest.MarkDecorator:
    """Parametrizes a test by every mistake: step, node, mistake, remedy and words."""
    cases = [(step, *mistake) for step, several in mistakes.items() for mistake in several]
    names = [f"{case[0].name}-{case[-1]}" for case in cases]
    return pytest.mark.parametrize(("step", "node", "mistake", "remedy", "words"), cases, ids=names)


def diagnosis_of(lab: Lab, step: Step, node: str, mistake: str, remedy: str) -> str:
    """What a step's check says of a mistake, which is taken back, once the lab has come there."""
    bring_forward(lab, step)
    return refusal(lab, step, node, mistake, remedy)


def refusal(lab: Lab, step: Step, node: str, mistake: str, remedy: str) -> str:
    """What a step's check says of a mistake, which is taken back, in the lab as it is."""
    lab.run(node, mistake, expect=0)
    try:
        with pytest.raises(CheckFailed) as caught:
            lab.check(step)
    finally:
        lab.run(node, remedy, expect=0)
    return str(caught.value)
