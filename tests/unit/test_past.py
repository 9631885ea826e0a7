"""A trainee's earlier work, as a restarted kernel shows it."""

from pathlib import Path
from typing import Any

import pytest

from labkernel import CheckFailed, Lab, Node, Outcome, RunningLab
from labkernel.notebook.cards import LabCard, StepCard
from labkernel.notebook.past import Past
from labkernel.notebook.session import Session
from labkernel.outcomes import OutcomeData
from labkernel.record import Record
from labkernel.testing import FakeBackend


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for the record."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def lab() -> Lab:
    """A lab of three tasks."""
    lab = Lab("three", [Node("one"), Node("two")])
    for name in ("a", "b", "c"):
        lab.task(name, name, on="one", solution=name, check=lambda _: "it is", undo="x", hint=["h"])
    return lab


def note(lab: Lab, index: int, command: str, passed: bool = True, hints: int = 0) -> None:
    """Record an attempt."""
    failure = None if passed else CheckFailed("it", "there is none", "Make it.")
    done = Outcome(lab.steps[index], command, 0, "printed\n", 1.0, "it is", failure, on="two")
    Record(lab).note(OutcomeData.of(done), hints)


def test_where_to_go_on(lab: Lab) -> None:
    """It is the step behind the last that has passed; where all have, or none, there is none."""
    assert Past(lab, Record(lab)).next_step() is None
    note(lab, 1, "b")
    assert Past(lab, Record(lab)).next_step() is lab.steps[2]
    note(lab, 2, "c")
    assert Past(lab, Record(lab)).next_step() is None


def test_own_commands(lab: Lab) -> None:
    """Only commands that differ from the step's own are the trainee's, on whichever node."""
    note(lab, 0, "mine")
    note(lab, 0, "worse", passed=False)
    ((step, own),) = Past(lab, Record(lab)).commands().items()
    assert (step.name, own.command, own.node) == ("a", "mine", "two")


@pytest.mark.parametrize("kept", [None, {"events": False, "work": False}])
def test_what_is_not_kept(lab: Lab, kept: dict[str, bool] | None) -> None:
    """Without a record, or where it is turned off, nothing is shown of it."""
    note(lab, 0, "mine")
    past = Past(lab, None if kept is None else Record(lab, **kept))
    assert past.of(lab.steps[0]) is None
    assert (past.next_step(), past.commands(), past.hints(lab.steps[0])) == (None, {}, 0)


def session(lab: Lab) -> Session:
    """A session of a restarted kernel."""
    return Session(RunningLab(lab, FakeBackend()), record=Record(lab))


def state_of(card: StepCard | LabCard) -> dict[str, Any]:
    return dict(card.state)


def test_a_card_shows_what_was_done(lab: Lab) -> None:
    """Command, node, output, verdict and hints are back, and the card says that it was earlier."""
    note(lab, 1, "mine", passed=False, hints=1)
    card = StepCard(lab.steps[1], session(lab))
    state = state_of(card)
    assert (card.typed, state["on"], card.output.text) == ("mine", "two", "printed\n")
    assert state["verdict"]["kind"] == "not-yet"
    assert state["verdict"]["rows"] == [
        ("Expected", "it"), ("Seen", "there is none"), ("Try", "Make it."),
    ]  # fmt: skip
    assert state["earlier"].startswith("20")
    assert state["hints"] == ["h"]
    assert not state["passed"]


def test_what_has_passed_stays_passed(lab: Lab) -> None:
    """The card and the lab's card show what has ever passed, and where to go on."""
    note(lab, 0, "a")
    ours = session(lab)
    card = StepCard(lab.steps[0], ours)
    assert (state_of(card)["passed"], state_of(card)["holds"]) == (True, False)
    assert card.typed == "a"
    whole = state_of(LabCard(ours))
    assert (whole["passed"], whole["next"]) == ([True, False, False], 2)


def test_continue(lab: Lab) -> None:
    """The steps before are done again, and the lab's card says by which commands."""
    note(lab, 0, "mine")
    ours = session(lab)
    card = LabCard(ours)
    card._heard(card, {"action": "continue", "id": "1"}, [])
    ours.wait()
    state = state_of(card)
    assert (state["lab"], state["next"]) == ("up", 0)
    assert state["verdict"]["title"] == "You are where you were"
