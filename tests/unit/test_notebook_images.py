"""A card builds what its lab lacks, and shows how far that is."""

import pytest

from labkernel import Lab, Node, images
from labkernel.checks import printed
from labkernel.errors import ImageError
from labkernel.images import OnProgress
from labkernel.notebook.cards import LabCard, StepCard
from labkernel.testing import FakeBackend
from labkernel.topology import Topology


class Unbuilt(FakeBackend):
    """A backend whose nodes need an image that is not built."""

    def __init__(self) -> None:
        super().__init__({"": "done"})
        self.missing = ["web"]

    def missing_images(self, topology: Topology) -> list[str]:
        """See Backend."""
        return self.missing


@pytest.fixture
def lab() -> Lab:
    """A lab on it."""
    lab = Lab("unbuilt", [Node("alpha", image="web")])
    lab.step("Do it", on="alpha", run="do", check=printed("done"), wrong="true")
    lab.use(Unbuilt())
    return lab


def test_run_builds_what_is_missing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run on a step of a lab whose image is not built builds it, with its progress in the cards,
    and then runs the step."""
    card, seen = StepCard(lab.steps[0], lab), []

    def build(name: str, on_progress: OnProgress) -> None:
        on_progress(f"{name}: installing packages", 0.5)
        card.session.changed()
        seen.append((card.state["doing"], card.state["part"], lab.is_up()))
        lab.backend.missing.clear()  # type: ignore[attr-defined]

    monkeypatch.setattr(images, "build", build)
    card.do_run({"command": "do"})
    card.session.wait()
    assert seen == [("web: installing packages", 0.5, False)]
    assert card.state["verdict"]["kind"] == "passed"


def test_an_image_that_can_not_be_built(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it can't be built, the card says why, and nothing is started."""

    def build(name: str, on_progress: OnProgress) -> None:
        raise ImageError(f'image "{name}" was not built: no network')

    monkeypatch.setattr(images, "build", build)
    whole = LabCard(lab)
    whole.do_start({})
    whole.session.wait()
    assert whole.state["verdict"]["text"] == 'image "web" was not built: no network'
    assert not lab.is_up()
