"""The cards: what each button does, and what the card then shows."""

import threading
from typing import Any

import pytest

from labkernel import (
    Attempt,
    BackendUnavailable,
    CheckFailed,
    Expected,
    Lab,
    Link,
    Node,
    RunningLab,
    Watch,
)
from labkernel.command import Result
from labkernel.errors import NodeLost
from labkernel.notebook.cards import LabCard, StepCard, card_of
from labkernel.testing import FakeBackend
from tests.unit.sessions import session_of


def has(node: str, word: str) -> Any:
    """A check: the node's state has a word."""

    def look(attempt: Attempt) -> str:
        if word in attempt.run(node, "state").output:
            return f"{node} has {word}"
        raise CheckFailed(Expected(node, word), "it has none", "Add it.")

    return look


class Machine(FakeBackend):
    """A backend whose nodes remember words: `add X`, `del X`, `state`."""

    def __init__(self) -> None:
        super().__init__({"": self.answer})
        self.words: set[str] = set()
        self.held = threading.Event()
        self.held.set()
        self.entered = threading.Event()

    def answer(self, node: str, command: str) -> tuple[int, str]:
        """Do it."""
        if "labkernel-watch" in command:
            return 0, '\n{"n": 1}\n{"n": 2}\n' if "python3" in command else ""
        verb, _, word = command.partition(" ")
        if verb == "add":
            self.words.add(word)
        if verb == "del":
            self.words.remove(word)
        if verb == "wait":
            self.entered.set()
            assert self.held.wait(10)
        return (3, "no such verb\n") if verb == "nonsense" else (0, " ".join(self.words))

    def stop(self) -> None:
        """End what waits."""
        super().stop()
        self.held.set()

    def down(self) -> None:
        """Forget everything."""
        super().down()
        self.words.clear()


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def running(machine: Machine) -> RunningLab:
    running = RunningLab(
        Lab(
            "pair",
            [Node("alpha"), Node("bravo")],
            [Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/64")],
        ),
        machine,
    )
    running.lab.step(
        "add-one", "Add one", on="alpha", run="add one", check=has("alpha", "one"), undo="del one"
    )
    running.lab.task(
        "add-two",
        "Add two",
        on="bravo",
        solution="add two",
        check=has("bravo", "two"),
        undo="del two",
        hint=["Think.", "Use `add`."],
    )
    return running


class Button:
    """Presses a card's buttons as the page does, and waits for what they start."""

    def __init__(self, card: StepCard | LabCard) -> None:
        self.card = card
        self.sent: list[dict[str, Any]] = []
        card.send = self.sent.append

    def press(self, action: str, **more: Any) -> dict[str, Any]:
        """Press it; the card's state when its work is done."""
        self.tell(action, **more)
        self.card.session.wait()
        return dict(self.card.state)

    def tell(self, action: str, **more: Any) -> None:
        """Press it and go on."""
        self.card._heard(self.card, {"action": action, "id": "1", **more}, [])

    def printed(self) -> str:
        """What the log shows."""
        text = ""
        for message in self.sent:
            if message["kind"] == "output":
                text = (text if message["at"] else "") + message["text"]
        return text


@pytest.fixture
def first(running: RunningLab) -> Button:
    return Button(StepCard(running.lab.steps[0], session_of(running)))


@pytest.fixture
def second(running: RunningLab) -> Button:
    return Button(StepCard(running.lab.steps[1], session_of(running)))


@pytest.fixture
def whole(running: RunningLab) -> Button:
    return Button(LabCard(session_of(running)))


def test_run_starts_the_lab_and_shows_the_verdict(first: Button, whole: Button) -> None:
    """Run starts a lab that is down, runs the command, and says what the check saw."""
    state = first.press("run", command="add one")
    assert state["passed"]
    assert state["verdict"]["kind"] == "passed"
    assert state["verdict"]["text"] == "alpha has one."
    assert first.printed() == "one"
    assert whole.card.state["lab"] == "up"
    assert whole.card.state["passed"] == [True, False]
    assert whole.card.state["lit"] == "alpha"


def test_every_message_is_acknowledged(first: Button) -> None:
    """The page learns that someone listens, also when the action is not one of the card's."""
    first.press("rm -rf /")
    assert first.sent == [{"kind": "ack", "id": "1"}]


def test_other_actions_are_not_obeyed(first: Button) -> None:
    """A page can't call what is no action, not even by the name of a method."""
    first.press("refresh")
    first.press("__init__")
    assert first.card.state["verdict"] is None


def test_failed_check_is_laid_out(second: Button) -> None:
    """A check's failure shows what was expected, what was seen and what to try."""
    state = second.press("run", command="add three")
    assert state["verdict"]["kind"] == "not-yet"
    assert state["verdict"]["rows"] == [
        ("Expected", "bravo: two"),
        ("Seen", "it has none"),
        ("Try", "Add it."),
    ]


def test_failed_verdict_names_earlier_steps_that_miss(second: Button) -> None:
    """A verdict that fails says which steps before it have not passed."""
    state = second.press("run", command="add three")
    assert state["note"] == "Step 1, “Add one”, has not passed yet."


def test_failed_command_shows_its_exit_code(first: Button) -> None:
    """A command that fails says with which code, and what the check says; the error is in the log
    alone."""
    state = first.press("run", command="nonsense")
    assert state["verdict"]["title"] == "Failed with exit code 3"
    assert state["verdict"]["text"] == ""
    assert state["verdict"]["rows"][0] == ("Expected", "alpha: one")
    assert first.printed() == "no such verb\n"


def test_failed_command_that_printed_nothing_says_so(first: Button, machine: Machine) -> None:
    """Where there is no log, the verdict says that nothing was printed."""
    machine.answers = {"fail": (1, ""), **machine.answers}
    assert first.press("run", command="fail")["verdict"]["text"] == "It printed nothing."


def test_a_tasks_command_that_failed_is_told_with_the_check(second: Button) -> None:
    """A task whose command failed and which is not done shows both."""
    state = second.press("run", command="nonsense")
    assert state["verdict"]["title"] == "Failed with exit code 3"
    assert ("Seen", "it has none") in state["verdict"]["rows"]


def test_an_error_that_is_not_ours_is_shown_with_its_traceback(running: RunningLab) -> None:
    """A bug in a check is told as its author's: which check of which step, and its traceback."""

    def broken(_lab: Attempt) -> str:
        raise ZeroDivisionError("oh no")

    step = running.lab.step("break", "Break", on="alpha", run="true", check=broken, wrong="false")
    state = Button(StepCard(step, session_of(running))).press("run", command="true")
    assert state["verdict"]["kind"] == "error"
    assert state["verdict"]["text"] == (
        'the check "test_an_error_that_is_not_ours_is_shown_with_its_traceback.broken" of the step '
        '"Break" is wrong: it raised ZeroDivisionError: oh no. '
        "That is a mistake of the lab, not yours."
    )
    assert "in broken" in state["verdict"]["trace"]


def test_a_view_that_fails_is_shown_with_its_traceback(running: RunningLab) -> None:
    """A bug in a step's view is shown too."""
    step = running.lab.step(
        "see",
        "See",
        on="alpha",
        run="add x",
        check=has("alpha", "x"),
        undo="del x",
        view=lambda outcome: outcome.output.no_such_attribute,
    )
    state = Button(StepCard(step, session_of(running))).press("run", command="add x")
    assert 'the view of the step "See" is wrong: it raised Attrib' in state["verdict"]["text"]
    assert "no_such_attribute" in state["verdict"]["trace"]


def test_a_view_is_shown_below_the_output(running: RunningLab) -> None:
    """What a step's view makes of its outcome is shown as HTML."""
    step = running.lab.step(
        "see",
        "See",
        on="alpha",
        run="add x",
        check=has("alpha", "x"),
        undo="del x",
        view=lambda outcome: ["a < b", type("T", (), {"_repr_html_": lambda self: "<b>t</b>"})()],
    )
    state = Button(StepCard(step, session_of(running))).press("run", command="add x")
    assert state["views"] == ["<pre>a &lt; b</pre>", "<b>t</b>"]


def test_backend_that_cannot_run_is_explained(running: RunningLab, machine: Machine) -> None:
    """Where the backend can't run, the lab's card says why and what to do."""

    def refuse(*_: object) -> None:
        raise BackendUnavailable("fake", "there is no fakery", "make some")

    machine.up = refuse  # type: ignore[method-assign, assignment]
    state = Button(LabCard(session_of(running))).press("start")
    assert (state["lab"], state["unable"]) == ("down", True)
    assert state["verdict"]["title"] == "The fake backend can't run here"
    assert state["verdict"]["rows"] == [("Why", "there is no fakery."), ("Try", "make some.")]


def test_hints_come_one_by_one_and_the_solution_last(second: Button) -> None:
    """Each press gives one hint more; a task's solution comes after all of them."""
    assert second.press("hint")["hints"] == ["Think."]
    assert second.press("hint")["hints"] == ["Think.", "Use `add`."]
    assert second.card.state["solution"] == ""
    assert second.press("hint")["solution"] == "add two"
    assert second.press("hint")["hints"] == ["Think.", "Use `add`."]


def test_a_task_does_not_tell_its_solution(second: Button) -> None:
    """A task's command begins empty, and its solution is nowhere in the page."""
    assert second.card.about["command"] == ""
    assert "add two" not in str(second.card.about) + str(second.card.state)


def test_reset_undoes_the_step(first: Button, machine: Machine) -> None:
    """Reset takes back what the step did."""
    first.press("run", command="add one")
    state = first.press("reset")
    assert machine.words == set()
    assert (state["passed"], state["holds"], state["verdict"]) == (True, False, None)
    assert first.printed() == ""


def test_reset_of_a_step_that_did_nothing_runs_nothing(first: Button, machine: Machine) -> None:
    """Nothing is undone where nothing was done."""
    first.press("reset")
    assert machine.ran == []


def test_bring_me_here_replays_what_is_before(second: Button, machine: Machine) -> None:
    """The lab starts afresh and the steps before run, the step itself does not."""
    second.press("run", command="add rubbish")
    state = second.press("goto")
    assert machine.words == {"one"}
    assert state["note"] == ""
    assert state["verdict"]["kind"] == "not-yet"
    assert state["earlier"] == ""


def test_bring_me_here_that_fails_says_why(second: Button, machine: Machine) -> None:
    """A replay that does not pass says which step, and why."""
    machine.answers = {"add one": (1, "broken"), **machine.answers}
    state = second.press("goto")
    assert 'step "Add one" did not pass' in state["verdict"]["text"]


def test_other_cards_follow_a_replay(second: Button) -> None:
    """The cards of replayed steps show that they have passed, and what they printed."""
    session = second.card.session
    card = card_of(session.lab.steps[0], session)
    assert isinstance(card, StepCard)
    first = Button(card)
    second.press("goto")
    assert first.card.state["passed"]
    assert first.card.state["verdict"]["kind"] == "passed"
    assert first.printed() == "one"


def test_end_ages_what_the_cards_showed(first: Button, whole: Button) -> None:
    """The result of a lab that has ended stays, and says that it is of an earlier start."""
    first.press("run", command="add one")
    assert first.card.state["earlier"] is None
    whole.press("end")
    assert first.card.state["verdict"]["kind"] == "passed"
    assert first.card.state["earlier"] == ""
    assert not first.card.state["passed"]
    assert whole.card.state["lab"] == "down"


def test_one_thing_at_a_time(
    running: RunningLab, machine: Machine, first: Button, second: Button
) -> None:
    """While a step runs, the others say so and do not start."""
    machine.held.clear()
    first.tell("run", command="wait")
    assert machine.entered.wait(10)
    assert second.card.state["other"] == "Add one"
    assert first.card.state["phase"] == "running"
    second.tell("run", command="add two")
    second.tell("goto")
    assert "busy with something else" in second.card.state["verdict"]["text"]
    first.press("stop")
    assert machine.stopped == 1
    assert machine.words == set()
    assert not second.card.state["busy"]


def test_passed_steps_are_known_after_a_restart_of_the_kernel(
    running: RunningLab, machine: Machine, first: Button
) -> None:
    """Another process's lab, as a kernel that was restarted sees it, has its passed steps."""
    first.press("run", command="add one")
    again = RunningLab(Lab("pair", running.topology.nodes, running.topology.links), machine)
    step = again.lab.step(
        "add-one", "Add one", on="alpha", run="add one", check=has("alpha", "one"), undo="del one"
    )
    card = StepCard(step, session_of(again))
    seen = threading.Event()
    card.session.listen(lambda: card.state["passed"] and seen.set())
    card.session.attach()
    assert seen.wait(10)


def test_a_step_has_one_card(running: RunningLab) -> None:
    """Showing a step again shows the same card, so that all views agree."""
    step = running.lab.steps[0]
    assert card_of(step, session_of(running)) is card_of(step, session_of(running))
    assert card_of(running.lab, session_of(running)) is card_of(running.lab, session_of(running))
    assert session_of(running) is card_of(step, session_of(running)).session


def test_hello_repeats_the_output(first: Button) -> None:
    """A view that comes later gets the output so far."""
    first.press("run", command="add one")
    first.sent.clear()
    first.press("hello")
    assert first.printed() == "one"


def test_lost_lab_is_started_again_by_run(first: Button, machine: Machine) -> None:
    """After the lab is gone, Run starts it anew."""
    first.press("run", command="add one")
    machine.down()
    assert first.press("run", command="add one")["passed"]


def test_step_that_cannot_be_run(running: RunningLab) -> None:
    """A card says why its step is not run: without a time, without blame on the steps before it,
    and without a start of the lab."""
    step = running.lab.step(
        "unlock",
        "Unlock", on="alpha", run="x", check=has("alpha", "x"), wrong="x",
        requires=lambda: "it needs a key, and there is none.",
    )  # fmt: skip
    state = Button(StepCard(step, session_of(running))).press("run", command="x")
    assert state["verdict"]["kind"] == "not-run"
    assert state["verdict"]["text"] == "it needs a key, and there is none."
    assert (state["passed"], state["seconds"], state["note"]) == (False, None, "")
    assert not running.is_up()


def test_result_is_timed(first: Button) -> None:
    """The card shows how long command and check took together, and the command alone."""
    machine = first.card.session.running.backend
    assert isinstance(machine, Machine)
    machine.run = lambda *a, **k: Result("alpha", "x", 0, "one", 1.25)  # type: ignore[method-assign]
    state = first.press("run", command="x")
    assert state["command_seconds"] == 1.25
    assert state["seconds"] > 0


def test_lost_node_is_told_with_its_remedy(first: Button, whole: Button, machine: Machine) -> None:
    """A node that ends in mid-step: what was lost, what to try, and a lab card that knows."""

    def lose(*_: object, **__: object) -> Result:
        machine.down()
        raise NodeLost("alpha: the node ended while a command ran", "Reset")

    machine.run = lose  # type: ignore[method-assign]
    verdict = first.press("run", command="add one")["verdict"]
    assert (verdict["title"], verdict["text"]) == (
        "Lost",
        "alpha: the node ended while a command ran.",
    )
    assert verdict["rows"] == [("Try", "on the lab's card, Reset, or Start if the lab has ended")]
    assert whole.card.state["lab"] == "down"


def test_what_a_step_watches(running: RunningLab, first: Button) -> None:
    """While a step runs its card has the picture of what it watches, and keeps it afterwards."""
    watch = Watch(
        "Numbers", "bravo", "…", lambda seen, live: f"{live}: {seen[-1]['n']}", lambda last: "two"
    )
    check = has("alpha", "one")
    step = running.lab.step(
        "watch", "Watch", on="alpha", run="add one", check=check, undo="del one", observe=[watch]
    )
    card = Button(StepCard(step, session_of(running)))
    assert card.card.about["watch"] == "Numbers"
    assert card.card.state["watched"] is None
    assert card.press("run", command="add one")["watched"] == {"html": "True: 2", "text": "two"}
    assert card.press("reset")["watched"] is None
    assert first.card.about["watch"] == ""


def test_a_card_is_in_view_while_one_of_its_views_is(whole: Button) -> None:
    """A card in two pages, or pinned, is in view until each of its views has left it."""
    card = whole.card
    seen = [
        card.in_view({"view": view, "visible": visible})
        for view, visible in [("a", True), ("b", True), ("a", False), ("a", False), ("b", False)]
    ]
    assert seen == [True, True, True, True, False]


def test_a_check_that_passes_later_does_not_praise_the_command(
    second: Button, machine: Machine
) -> None:
    """Where the command that the card shows did not pass, and the check passes later, the verdict
    says that it was not judged so."""
    second.press("run", command="add three")
    assert second.card.state["verdict"]["kind"] != "passed"
    machine.words.add("two")
    verdict = second.press("check")["verdict"]
    assert verdict["kind"] == "passed"
    assert "the command that stands here had not passed when it was judged" in verdict["text"]
    assert "had not passed" not in second.press("check")["verdict"]["text"]
