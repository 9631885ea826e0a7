"""A card builds what its lab lacks, and shows how far that is."""

import pytest

from labkernel import Lab, Node, RunningLab, images
from labkernel.checks import printed
from labkernel.errors import ImageError
from labkernel.notebook.cards import LabCard, StepCard
from labkernel.progress import OnProgress
from labkernel.testing import FakeBackend
from labkernel.topology import Topology
from tests.unit.sessions import session_of


class Unbuilt(FakeBackend):
    """A backend whose nodes need an image that is not built."""

    def __init__(self) -> None:
        super().__init__({"": "done"})
        self.missing = ["web"]

    def missing_images(self, topology: Topology) -> list[str]:
        """See Backend."""
        return self.missing


@pytest.fixture
def running() -> RunningLab:
    """A lab on it."""
    running = RunningLab(Lab("unbuilt", [Node("alpha", image="web")]), Unbuilt())
    running.lab.step("do-it", "Do it", on="alpha", run="do", check=printed("done"), wrong="true")
    return running


def test_run_builds_what_is_missing(running: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run on a step of a lab whose image is not built builds it, with its progress in the cards,
    and then runs the step."""
    card, seen = StepCard(running.lab.steps[0], session_of(running)), []

    def build(name: str, on_progress: OnProgress) -> None:
        on_progress(f"{name}: installing packages", 0.5)
        card.session.changed()
        seen.append((card.state["doing"], card.state["part"], running.is_up()))
        running.backend.missing.clear()  # type: ignore[attr-defined]

    monkeypatch.setattr(images, "build", build)
    card.do_run({"command": "do"})
    card.session.wait()
    assert seen == [("web: installing packages", 0.5, False)]
    assert card.state["verdict"]["kind"] == "passed"


def test_an_image_that_can_not_be_built(
    running: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it can't be built, the card says why, and nothing is started."""

    def build(name: str, on_progress: OnProgress) -> None:
        raise ImageError(f'image "{name}" was not built: no network')

    monkeypatch.setattr(images, "build", build)
    whole = LabCard(session_of(running))
    whole.do_start({})
    whole.session.wait()
    assert whole.state["verdict"]["text"] == 'image "web" was not built: no network'
    assert not running.is_up()
