"""Drills: what is broken, what is told of it, and what is kept."""

import threading

import pytest

from labkernel import CheckFailed, Fault, Lab, LabError, Node
from labkernel.drills import Drill
from labkernel.notebook.drill_card import DrillCard
from labkernel.notebook.session import session_of
from labkernel.testing import FakeBackend

CABLE = Fault(
    "the cable is cut",
    inject={"alpha": "del cable"},
    mend={"alpha": "add cable"},
    told="No frame came.",
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


def works(lab: Lab) -> str:
    """Health: both things are there."""
    if lab.run("alpha", "look").output != "cable power":
        raise CheckFailed("expected light", "but it is dark")
    return "there is light"


def make(*faults: Fault) -> Drill:
    """A drill on a lab of one node."""
    lab = Lab("one", [Node("alpha")]).use(Machine())
    step = lab.step("Build", on="alpha", run="add cable", check=lambda _: "built", undo="del cable")
    power = lab.step("Switch on", on="alpha", run="add power", check=works, undo="del power")
    return lab.drill("Find it", health=works, faults=list(faults), prepare=[step, power])


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
    """As long as it is broken the symptom is told, once it is mended also what it was."""
    drill = make(CABLE)
    drill.begin()
    with pytest.raises(CheckFailed, match="it is dark") as caught:
        drill.check()
    assert "cable" not in str(caught.value)
    drill.lab.run("alpha", "add cable")
    assert drill.check() == "there is light. It was this: the cable is cut. No frame came."
    assert drill.current is None


def test_giving_up_mends_it() -> None:
    """Who gives up is told what it was, and the lab works."""
    drill = make(POWER)
    drill.begin()
    assert "the power is off" in drill.solve()
    assert works(drill.lab)


def test_without_a_fault_there_is_nothing_to_check() -> None:
    """Neither check nor solve pass before something was broken."""
    drill = make(CABLE)
    drill.lab.up()
    for act in (drill.check, drill.solve):
        with pytest.raises(LabError, match="press Break it first"):
            act()


def test_a_fault_that_does_not_show_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill that breaks nothing says so."""
    monkeypatch.setattr("labkernel.drills._SHOWS", 0.0)
    with pytest.raises(LabError, match="nothing is broken although nothing happens"):
        make(NOTHING).begin()


def test_a_fault_that_mends_itself_is_an_error() -> None:
    """What shows only for a moment is no fault to be found."""
    seen = iter([CheckFailed("expected light", "but it flickers")])

    def health(_: Lab) -> str:
        for failure in seen:
            raise failure
        return "there is light"

    drill = make(NOTHING)
    drill.lab.up()
    drill.health = health
    with pytest.raises(LabError, match="has mended itself"):
        drill.break_by(NOTHING)


def test_the_fault_survives_the_kernel() -> None:
    """Another process that attaches to the lab knows what is broken; passed steps are kept."""
    drill = make(CABLE)
    drill.begin()
    other = make(CABLE)
    other.lab.use(drill.lab.backend).up()
    assert other.current is not None
    assert other.current.name == "the-cable-is-cut"
    assert other.lab.has_passed(other.lab.steps[0])


def test_a_reset_forgets_the_fault() -> None:
    """In a lab that was started afresh nothing is broken."""
    drill = make(CABLE)
    drill.begin()
    drill.lab.reset()
    assert drill.current is None


def test_faults_have_different_titles() -> None:
    """A drill without faults, or with two of the same title, is not declared."""
    for faults in ([], [CABLE, CABLE]):
        with pytest.raises(LabError, match="faults with different titles"):
            make(*faults)


def test_card() -> None:
    """The card breaks, hints, tells the symptom, and the cause at the end."""
    drill = make(CABLE)
    card = DrillCard(drill)
    session = session_of(drill.lab)
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
    card, held = DrillCard(drill), threading.Event()
    session = session_of(drill.lab)
    assert session.carry_out("Holding it", lambda: held.wait(10) and None)
    card.do_begin({})
    held.set()
    session.wait()
    assert "wait for its end" in card.now()["verdict"]["text"]
