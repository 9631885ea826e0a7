"""The buttons of a step's card that judge, or do not: Check, Only run, Stop; and what is kept."""

import threading

import pytest

from labkernel import Attempt, CheckFailed, Lab, RunningLab
from labkernel.checks import eventually, printed
from labkernel.notebook.cards import LabCard, StepCard
from labkernel.notebook.session import NOT_UP
from tests.unit.sessions import session_of

from .test_notebook_cards import Button, Machine, has
from .test_notebook_cards import first as first  # noqa: PLC0414  a fixture, as those below
from .test_notebook_cards import machine as machine  # noqa: PLC0414
from .test_notebook_cards import running as running  # noqa: PLC0414
from .test_notebook_cards import second as second  # noqa: PLC0414
from .test_notebook_cards import whole as whole  # noqa: PLC0414


def test_check_judges_the_lab_as_it_is(
    second: Button, machine: Machine, running: RunningLab
) -> None:
    """What was done elsewhere (in a terminal) is seen by Check, and no command runs for it."""
    running.up()
    assert second.press("check")["verdict"]["kind"] == "not-yet"
    machine.words.add("two")
    state = second.press("check")
    assert (state["verdict"]["kind"], state["passed"]) == ("passed", True)
    assert {command for _, command in machine.ran} == {"state"}


def test_check_of_a_lab_that_is_down_starts_nothing(second: Button, running: RunningLab) -> None:
    """Without a lab there is nothing to judge, and Check says so."""
    verdict = second.press("check")["verdict"]
    assert (verdict["text"], verdict["rows"]) == (f"{NOT_UP}.", [("Try", "Start, or Run")])
    assert not running.is_up()


def test_check_of_what_prints_wants_a_run(running: RunningLab) -> None:
    """A step that is judged by what it prints is not judged before it ran; then by its last run."""
    step = running.lab.step(
        "say", "Say", on="alpha", run="add hi", check=printed("hi"), wrong="state"
    )
    card = Button(StepCard(step, session_of(running.up())))
    assert ("Seen", "it has not run here yet") in card.press("check")["verdict"]["rows"]
    card.press("run", command="add hi")
    assert card.press("check")["verdict"]["kind"] == "passed"
    assert card.printed() == "hi"


def test_check_takes_no_failed_command_for_a_step_that_is_done(running: RunningLab) -> None:
    """What a command printed that failed does not pass because someone presses Check."""
    step = running.lab.step(
        "say", "Say", on="alpha", run="x", check=printed("no such"), wrong="state"
    )
    card = Button(StepCard(step, session_of(running)))
    assert card.press("run", command="nonsense")["verdict"]["kind"] == "failed"
    assert card.press("check")["verdict"]["title"] == "Failed with exit code 3"
    assert not card.card.state["passed"]


def test_a_check_that_fails_takes_nothing_away(first: Button, machine: Machine) -> None:
    """A step that has passed stays passed, whatever Check sees later."""
    first.press("run", command="add one")
    machine.words.clear()
    state = first.press("check")
    assert (state["verdict"]["kind"], state["passed"]) == ("not-yet", True)


def test_only_run_judges_nothing(second: Button, machine: Machine) -> None:
    """Only run runs the command and says with which code it ended; the step is not judged."""
    state = second.press("only_run", command="add two")
    assert state["verdict"]["title"] == "Ended with exit code 0"
    assert (state["verdict"]["kind"], state["passed"]) == ("ran", False)
    assert "state" not in [command for _, command in machine.ran]
    assert second.press("only_run", command="nonsense")["verdict"]["title"] == (
        "Ended with exit code 3"
    )
    assert second.printed() == "no such verb\n"


def test_only_run_leaves_what_check_looks_at(running: RunningLab) -> None:
    """A look around by Only run is not taken for the step's own run."""
    step = running.lab.step(
        "say", "Say", on="alpha", run="add hi", check=printed("hi"), wrong="state"
    )
    card = Button(StepCard(step, session_of(running)))
    card.press("run", command="add hi")
    card.press("only_run", command="nonsense")
    assert card.press("check")["verdict"]["kind"] == "passed"


def test_stop_is_a_verdict_of_its_own(first: Button, machine: Machine) -> None:
    """What was stopped is not judged: neither passed nor "not yet"."""
    machine.held.clear()
    first.tell("run", command="wait")
    assert machine.entered.wait(10)
    state = first.press("stop")
    assert (state["verdict"]["kind"], state["verdict"]["title"]) == ("stopped", "Stopped")
    assert not state["passed"]
    assert "state" not in [command for _, command in machine.ran]


def test_stop_ends_the_wait_of_a_check(running: RunningLab) -> None:
    """A check that would wait for an hour ends when Stop is pressed."""
    waits = threading.Event()

    def never(_: Attempt) -> str:
        waits.set()
        raise CheckFailed("Godot", "he does not come")

    step = running.lab.step(
        "wait", "Wait", on="alpha", run="x", check=eventually(never, 3600), wrong="y"
    )
    card = Button(StepCard(step, session_of(running)))
    card.tell("run", command="x")
    assert waits.wait(10)
    assert card.press("stop")["verdict"]["kind"] == "stopped"


def test_the_exit_code_is_told_while_the_check_waits(running: RunningLab, machine: Machine) -> None:
    """A command that failed is told with its code at once, before its check has come to an end."""
    waits, go_on = threading.Event(), threading.Event()

    def slow(_: Attempt) -> str:
        waits.set()
        assert go_on.wait(10)
        raise CheckFailed("more", "there is none")

    task = running.lab.task("try", "Try", on="alpha", solution="x", check=slow, undo="y", hint="z")
    card = Button(StepCard(task, session_of(running)))
    card.tell("run", command="nonsense")
    assert waits.wait(10)
    state = dict(card.card.state)
    assert (state["phase"], state["code"], state["verdict"]) == ("checking", 3, None)
    go_on.set()
    card.card.session.wait()
    assert card.card.state["code"] is None


def test_a_tick_stays(first: Button, second: Button, whole: Button) -> None:
    """Running a step again without success, or its Reset, takes no progress away; a later verdict
    says all the same that the step is not done any more, and a start afresh begins anew."""
    first.press("run", command="add one")
    state = first.press("run", command="nonsense")
    assert (state["passed"], state["holds"]) == (True, False)
    first.press("reset")
    assert whole.card.state["passed"] == [True, False]
    assert second.press("run", command="state")["note"].startswith("Step 1, “Add one”")
    whole.press("reset")
    assert whole.card.state["passed"] == [False, False]


def test_ticks_are_known_to_another_kernel(
    first: Button, running: RunningLab, machine: Machine
) -> None:
    """The running lab keeps its ticks, for a kernel that was restarted."""
    first.press("run", command="add one")
    first.press("run", command="nonsense")
    again = RunningLab(Lab("pair", running.topology.nodes, running.topology.links), machine)
    check = has("alpha", "one")
    step = again.lab.step(
        "add-one", "Add one", on="alpha", run="add one", check=check, undo="del one"
    )
    card = StepCard(step, session_of(again))
    seen = threading.Event()
    card.session.listen(lambda: card.state["passed"] and seen.set())
    card.session.attach()
    assert seen.wait(10)
    assert card.state["touched"]


def test_what_a_start_afresh_would_lose(first: Button, second: Button, whole: Button) -> None:
    """The page learns whether something was done in the lab that a start afresh would lose."""
    assert not whole.press("start")["touched"]
    assert first.press("run", command="add one")["touched"]
    assert whole.card.state["touched"]
    assert not second.press("goto")["touched"]
    assert second.press("only_run", command="state")["touched"]
    assert not whole.press("reset")["touched"]


def test_views_share_what_is_typed(first: Button, running: RunningLab) -> None:
    """A command that is written in one view is shown by all; Reset forgets it."""
    first.press("typed", command="add 1")
    assert isinstance(first.card, StepCard)
    assert first.card.typed == "add 1"
    first.press("reset")
    assert first.card.typed is None
    first.press("run", command="add one")
    assert first.card.typed == "add one"


@pytest.mark.parametrize("action", ["check", "only_run"])
def test_a_busy_lab_judges_nothing(
    action: str, first: Button, second: Button, machine: Machine
) -> None:
    """While another step runs, Check and Only run say so."""
    machine.held.clear()
    first.tell("run", command="wait")
    assert machine.entered.wait(10)
    second.tell(action, command="state")
    assert "busy with something else" in second.card.state["verdict"]["text"]
    first.press("stop")


def test_a_lab_card_has_what_is_left_of_the_lab(running: RunningLab, whole: Button) -> None:
    """A lab's card says nothing of lost work while the lab is down."""
    assert isinstance(whole.card, LabCard)
    assert not whole.card.state["touched"]
