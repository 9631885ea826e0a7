"""What a card gives to the notebook's file, what is asked for, and what a terminal needs."""

from typing import Any

import pytest

from labkernel import Attempt, CheckFailed, Lab, Node, RunningLab
from labkernel.backends.capabilities import Shell
from labkernel.notebook import button, saved
from labkernel.notebook.button_card import ButtonCard
from labkernel.notebook.cards import StepCard
from labkernel.notebook.deferred import Deferred
from labkernel.notebook.terminals import words
from labkernel.testing import FakeBackend
from tests.unit.sessions import session_of


def fails(_lab: Attempt) -> str:
    raise CheckFailed("<one>", "it has none", "Add it.")


@pytest.fixture
def running() -> RunningLab:
    running = RunningLab(Lab("pair", [Node("alpha")]), FakeBackend({"say": "one <two>\n"}))
    running.lab.step(
        "say-it", "Say <it>", on="alpha", run="say", check=lambda _: "it said so", wrong="true"
    )
    running.lab.step("fail", "Fail", on="alpha", run="say", check=fails, wrong="true")
    return running


def run(running: RunningLab, place: int, command: str) -> dict[str, Any]:
    """What the file is to have after a step."""
    card = StepCard(running.lab.steps[place], session_of(running))
    assert card.saved == {}
    card.do_run({"command": command})
    session_of(running).wait()
    return dict(card.saved)


def test_a_step_that_passed_is_saved(running: RunningLab) -> None:
    """The command, the output and the verdict are in HTML, in text and in the card's own type."""
    made = run(running, 0, "say it")
    assert made[saved.CARD]["ended"]
    assert made[saved.CARD]["key"] == "pair/say-it"
    assert made[saved.CARD]["command"] == "say it"
    assert "one &lt;two&gt;" in made["text/html"]
    assert "Passed" in made["text/html"]
    assert "<style>" not in made["text/html"]
    assert made["text/plain"].splitlines() == [
        "alpha$ say it",
        "one <two>",
        "Passed: it said so.",
    ]


def test_a_step_that_failed_is_saved(running: RunningLab) -> None:
    """Also what was expected and seen."""
    made = run(running, 1, "say")
    assert "Not yet" in made["text/html"]
    assert "&lt;one&gt;" in made["text/html"]


def test_views_are_bounded() -> None:
    """A view for which there is no room is left out, with a sentence; those before it stay."""
    kept = saved.bounded(["a", "b" * saved.LARGEST, "c"])
    assert kept == ["a", saved.LEFT_OUT, saved.LEFT_OUT]


def test_asked_is_done_at_once_where_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headless, what was asked for is what comes of it."""
    monkeypatch.setenv("LABKERNEL_AUTO", "1")
    assert button("Add", lambda a, b: a + b, 1, 2) == 3


def press(card: ButtonCard) -> dict[str, Any]:
    card.do_run({})
    card.session.wait()
    return dict(card.state)


def test_asked_waits_for_its_button(running: RunningLab) -> None:
    """Nothing is done before it is pressed, nor before what it needs; the bar is told how far it
    is, and the result is saved."""
    told: list[tuple[str, float | None]] = []

    def measure(count: int, on_progress: Any = None) -> str:
        on_progress("measuring", 0.5)
        told.append((card.state["doing"], card.state["part"]))
        return f"{count} <measured>"

    first = Deferred("Measure", measure, (3,))
    second = Deferred("Compare", lambda text: text.upper(), (first,))
    card, after = (ButtonCard(each, session_of(running)) for each in (first, second))
    assert str(first) == "Not yet: press “Measure”."
    assert press(after)["verdict"]["text"] == "Not yet: press “Measure”."
    assert press(card)["html"] == "<pre>3 &lt;measured&gt;</pre>"
    assert told == [("measuring", 0.5)]
    assert card.saved[saved.CARD]["ended"]
    assert press(after)["html"] == "<pre>3 &lt;MEASURED&gt;</pre>"


def test_a_terminal_starts_the_lab_first(running: RunningLab) -> None:
    """The words of a shell on a node are told once the lab runs."""
    session, backend = session_of(running), running.backend
    assert isinstance(backend, Shell)
    assert not running.is_up()
    assert words(session, "alpha")["argv"] == backend.shell("alpha")
    assert running.is_up()
