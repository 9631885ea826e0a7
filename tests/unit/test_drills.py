"""Drills: what is broken, what is told of it, and what is kept."""

import threading
from dataclasses import replace

import pytest

from labkernel import Attempt, CheckFailed, Fault, Lab, LabError, Node, RunningLab
from labkernel.notebook.drill_card import DrillCard
from labkernel.running import RunningDrill
from labkernel.testing import FakeBackend
from tests.unit.sessions import session_of

CABLE = Fault(
    "the cable is cut",
    inject={"alpha": "del cable"},
    fix={"alpha": "add cable"},
    why="No frame came.",
    hints=("Look down.", "Look at the cable."),
)
POWER = Fault(
    "the power is off", {"alpha": "del power"}, {"alpha": "add power"}, "Dark.", ("Light?",)
)
NOTHING = Fault("nothing happens", {"alpha": "look"}, {"alpha": "look"}, "Nothing.", ("None.",))


class Machine(FakeBackend):
    """A backend whose nodes have things: `add X`, `del X`, `look`."""

    def __init__(self) -> None:
        super().__init__({"": self.answer})
        self.things: set[str] = set()

    def answer(self, _node: str, command: str) -> str:
        """Do it, and list what there is."""
        verb, _, thing = command.partition(" ")
        (self.things.add if verb == "add" else self.things.discard)(thing)
        return " ".join(sorted(self.things))

    def down(self) -> None:
        """Forget everything."""
        super().down()
        self.things.clear()


def works(attempt: Attempt) -> str:
    """Health: both things are there."""
    if attempt.run("alpha", "look").output != "cable power":
        raise CheckFailed("light", "it is dark")
    return "there is light"


def make(*faults: Fault) -> RunningDrill:
    """A drill on a lab of one node."""
    running = RunningLab(Lab("one", [Node("alpha")]), Machine())
    step = running.lab.step(
        "build", "Build", on="alpha", run="add cable", check=lambda _: "built", undo="del cable"
    )
    power = running.lab.step(
        "switch-on", "Switch on", on="alpha", run="add power", check=works, undo="del power"
    )
    drill = running.lab.drill("Find it", health=works, faults=faults, prepare=[step, power])
    return running.drill(drill)


def lab_of(drill: RunningDrill) -> RunningLab:
    """The running lab that it is in."""
    assert isinstance(drill._running, RunningLab)
    return drill._running


def test_a_fault_is_drawn_by_the_seed() -> None:
    """The same seed breaks the same thing; others break others."""
    drill = make(CABLE, POWER)
    drawn = []
    for seed in (1, 1, 2, 3, 4, 5):
        drill.begin(seed)
        drawn.append(drill.current)
    assert drawn[0] is drawn[1]
    assert set(drawn) == {CABLE, POWER}


def test_the_check_tells_the_symptom_and_then_the_cause() -> None:
    """As long as it is broken the symptom is told, once it is fixed also what it was."""
    drill = make(CABLE)
    drill.begin()
    with pytest.raises(CheckFailed, match="it is dark") as caught:
        drill.check()
    assert "cable" not in str(caught.value)
    lab_of(drill).run("alpha", "add cable")
    assert drill.check() == "there is light. It was this: the cable is cut. No frame came."
    assert drill.current is None


def test_giving_up_fixes_it() -> None:
    """Who gives up is told what it was, and the lab works."""
    drill = make(POWER)
    drill.begin()
    assert "the power is off" in drill.solve()
    assert works(lab_of(drill).attempt())


def test_without_a_fault_there_is_nothing_to_check() -> None:
    """Neither check nor solve pass before something was broken."""
    drill = make(CABLE)
    lab_of(drill).up()
    for act in (drill.check, drill.solve):
        with pytest.raises(LabError, match="press Break it first"):
            act()


def test_a_fault_that_does_not_show_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill that breaks nothing says so."""
    monkeypatch.setattr("labkernel.running.drills._BREAKS", 0.0)
    with pytest.raises(LabError, match="nothing is broken although nothing happens"):
        make(NOTHING).begin()


def test_a_fault_that_fixes_itself_is_an_error() -> None:
    """What shows only for a moment is no fault to be found."""
    seen = iter([CheckFailed("light", "it flickers")])

    def health(_: Attempt) -> str:
        for failure in seen:
            raise failure
        return "there is light"

    running = lab_of(make(NOTHING)).up()
    drill = running.drill(replace(running.lab.drills[0], health=health))
    with pytest.raises(LabError, match="has disappeared by itself"):
        drill.break_by(NOTHING)


def test_the_fault_survives_the_kernel() -> None:
    """Another process that attaches to the lab knows what is broken; passed steps are kept."""
    drill = make(CABLE)
    drill.begin()
    lab = lab_of(make(CABLE)).lab
    other = RunningLab(lab, lab_of(drill).backend).up().drill(lab.drills[0])
    assert other.current is not None
    assert other.current.name == "the-cable-is-cut"
    assert lab_of(other).has_passed(lab.steps[0])


def test_a_reset_forgets_the_fault() -> None:
    """In a lab that was started afresh nothing is broken."""
    drill = make(CABLE)
    drill.begin()
    lab_of(drill).reset()
    assert drill.current is None


def test_faults_have_different_titles() -> None:
    """A drill without faults, or with two of the same title, is not declared."""
    for faults in ([], [CABLE, CABLE]):
        with pytest.raises(LabError, match="faults with different titles"):
            make(*faults)


def test_card() -> None:
    """The card breaks, hints, tells the symptom, and the cause at the end."""
    drill = make(CABLE)
    card = DrillCard(drill._drill, session_of(lab_of(drill)))
    session = session_of(lab_of(drill))
    assert not card.now()["broken"]
    card.do_begin({})
    session.wait()
    assert card.now()["broken"]
    card.do_hint({})
    assert card.now()["hints"] == ["Look down."]
    card.do_check({})
    session.wait()
    assert card.now()["verdict"]["kind"] == "not-yet"
    card.do_give_up({})
    session.wait()
    assert card.now()["verdict"]["kind"] == "told"
    assert card.now()["verdict"]["title"] == "Given up"
    assert "the cable is cut" in card.now()["verdict"]["text"]
    assert not card.now()["broken"]


def test_a_busy_lab_is_told_of() -> None:
    """A button that is pressed while the lab does something else says so."""
    drill = make(CABLE)
    card, held = DrillCard(drill._drill, session_of(lab_of(drill))), threading.Event()
    session = session_of(lab_of(drill))

    def hold() -> None:
        held.wait(10)

    assert session.carry_out("Holding it", hold)
    card.do_begin({})
    held.set()
    session.wait()
    assert "wait for its end" in card.now()["verdict"]["text"]
