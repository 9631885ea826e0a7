"""What the tests of labs share: running labs, brought to where a test wants them."""

import os
from collections.abc import Callable

import pytest

from labkernel import CheckFailed, RunningLab, Step, images, labs
from labkernel.checks.combine import patience
from labkernel.proving import SHORT, bring_before
from tests.conftest import LONG

Running = Callable[[str], RunningLab]

Remedy = str | dict[str, str]
"""What takes a mistake back: a command on the same node, or on each of several."""


# Minutes by emulation: their notebooks run every step with its check.
_LONG = ("bonding", "nested-kvm")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One walk through a lab serves all its tests: they come in the order of its steps, and of a
    step's tests its proof is the last, which leads to the next step."""
    walks = [(item, mark) for item in items if (mark := item.get_closest_marker("walk"))]
    order: dict[str, list[tuple[int, bool, int, pytest.Item]]] = {}
    for number, (item, mark) in enumerate(walks):
        step: Step = mark.args[0]
        assert step.lab
        item.add_marker(pytest.mark.xdist_group(step.lab.name))
        if any(node.kernel for node in step.lab.topology.nodes):
            item.add_marker(pytest.mark.emulated)
        if step.lab.name in _LONG:
            item.add_marker(pytest.mark.long)
        place = (step.lab.steps.index(step), bool(mark.kwargs.get("proof")), number, item)
        order.setdefault(step.lab.name, []).append(place)
    sorted_ = iter([item for walk in order.values() for *_, item in sorted(walk, key=_place)])
    walking = {item for item, _ in walks}
    items[:] = [next(sorted_) if item in walking else item for item in items]


def _place(entry: tuple[int, bool, int, pytest.Item]) -> tuple[int, bool, int]:
    return entry[:3]


_running: dict[str, RunningLab] = {}


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Labs end with the last test of their group: one that is idle costs time and memory."""
    if _group(item) != _group(nextitem):
        while _running:
            _running.popitem()[1].down()


def _group(item: pytest.Item | None) -> str:
    mark = item.get_closest_marker("xdist_group") if item else None
    return mark.args[0] if mark else ""


@pytest.fixture(scope="session")
def run() -> Running:
    """A lab by its name, running in an instance of its own until its tests' end."""

    def started(name: str) -> RunningLab:
        if name not in _running:
            lab = labs.load(name)
            for image in {node.image for node in lab.topology.nodes}:
                images.build(image)
            instance = f"test-{name}-{os.getpid()}"
            _running[name] = RunningLab(lab, instance=instance, options={"linger": 0})
        return _running[name].up()

    return started


@pytest.fixture
def running(request: pytest.FixtureRequest, run: Running) -> RunningLab:
    """The lab that the module names (LAB), in the state before the test's step (``walk``)."""
    running = run(request.module.LAB)
    if mark := request.node.get_closest_marker("walk"):
        bring_before(running, mark.args[0])
    return running


def refusal(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: Remedy, words: str
) -> str:
    """What a step's check says of a mistake, which is taken back, in the lab as it is.

    :param words: that it is to say; unless it says so at once, it gets all the time it wants.
    """
    running.run(node, mistake, expect=0)
    try:
        said = "" if LONG else _said(running, step, SHORT)
        return said if words in said else _said(running, step, float("inf"))
    finally:
        for where, command in ({node: remedy} if isinstance(remedy, str) else remedy).items():
            running.run(where, command, expect=0)


def _said(running: RunningLab, step: Step, within: float) -> str:
    with pytest.raises(CheckFailed) as caught, patience(within):
        running.evidence(step)
    return str(caught.value)
