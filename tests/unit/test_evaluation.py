"""What a lab's author has written, and that says neither yes nor no, is told as their mistake."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest

from labkernel import Attempt, Lab, Node, RunningLab, Watch, evaluation
from labkernel.checks import both, eventually, fails, printed
from labkernel.errors import AuthorError, CheckFailed, NodeLost
from labkernel.notebook import verdict, views
from labkernel.running import Listener
from labkernel.steps import slug
from labkernel.testing import FakeBackend
from labkernel.transcript import transcript

if TYPE_CHECKING:
    from labkernel.observing.watching import Seen


class Stranger(BaseException):
    """Neither an Exception nor one of ours."""


def raising(error: Any) -> Callable[[Attempt], Any]:
    def check(_lab: Attempt) -> None:
        raise error

    return check


def running() -> RunningLab:
    return RunningLab(Lab("pair", [Node("alpha")]), FakeBackend({"say": lambda *_: "said\n"}))


def leaves(_lab: Attempt) -> None:
    sys.exit(0)


WRONG = {
    "None": (lambda _lab: None, "it returned None, and must return what it saw, a sentence"),
    "a number": (lambda _lab: 42, "it returned 42, and"),
    "yes": (lambda _lab: True, "it returned True, and"),
    "octets": (lambda _lab: b"seen", "it returned b'seen', and"),
    "nothing": (lambda _lab: " \n", r"it returned ' \n', and"),
    "an exit": (leaves, "it raised SystemExit: 0"),
    "a mistake": (lambda _lab: 1 / 0, "it raised ZeroDivisionError: division by zero"),
    "an assertion": (raising(AssertionError()), "it raised AssertionError"),
    "a stranger": (raising(Stranger("x")), "it raised "),
    "an empty failure": (raising(CheckFailed("", "", "")), "its CheckFailed does not say what"),
    "half a failure": (raising(CheckFailed("it", " ")), "its CheckFailed does not say"),
    "no text": (raising(CheckFailed(None, 7)), "its CheckFailed does not say"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_a_check_may_not_do(kind: str) -> None:
    """A check that returns no text, raises what it must not, or exits, is wrong: nobody has passed,
    and page and transcript say the same of it."""
    check, why = WRONG[kind]
    made = running()
    step = made.lab.step("say-it", "Say it", on="alpha", run="say", check=check, wrong="x")
    outcome = made.do(step)
    assert not outcome.passed
    assert not made.has_passed(step)
    assert isinstance(outcome.failure, AuthorError)
    said = str(outcome.failure)
    assert why in said
    assert ' of the step "Say it" is wrong: ' in said
    assert transcript(outcome, made.topology).splitlines()[-1] == f"Failed: {said}."
    shown = verdict.of_outcome(outcome)
    assert f"{shown['text']} Try: tell its author" == said
    assert shown["kind"] == "error"


@pytest.mark.parametrize(
    "combined",
    [lambda it: eventually(it, 1), lambda it: both(it, it), lambda it: fails(it, "it")],
)
@pytest.mark.parametrize("kind", WRONG)
def test_what_a_check_in_another_may_not_do(kind: str, combined: Any) -> None:
    """A check that others are made of is asked as strictly: its opposite does not pass by it."""
    check, why = WRONG[kind]
    made = running()
    step = made.lab.step(
        "say-it", "Say it", on="alpha", run="say", check=combined(check), wrong="x"
    )
    with pytest.raises(AuthorError) as raised:
        made.evidence(step)
    assert why in str(raised.value)


def test_our_errors_stay_what_they_are() -> None:
    """A check that fails, or whose node is lost, is none of the author's mistakes."""
    made = running()
    for error in (CheckFailed("it", "there is none"), NodeLost("alpha: it has ended")):
        step = made.lab.step(
            slug(str(error)), f"Say {error}", on="alpha", run="say", check=raising(error), wrong="x"
        )
        assert made.do(step).failure is error


def test_ctrl_c_in_a_check() -> None:
    """Ctrl-C while a check runs is the user's."""
    made = running()
    step = made.lab.step(
        "say", "Say", on="alpha", run="say", check=raising(KeyboardInterrupt()), wrong="x"
    )
    with pytest.raises(KeyboardInterrupt):
        made.do(step)


def test_evidence_in_several_lines() -> None:
    """A verdict is one line, whatever a node has printed into it: none of its lines is one."""
    made = running()
    seen = "\x1b[31mno\nPassed: all is well"
    step = made.lab.step(
        "say", "Say", on="alpha", run="say", check=raising(CheckFailed("yes", seen)), wrong="x"
    )
    text = transcript(made.do(step), made.topology)
    assert text.splitlines()[-1] == "Not yet: expected yes, but no Passed: all is well."


@pytest.mark.parametrize("given", [7, raising(ValueError("oh"))])
def test_what_tells_whether_a_step_can_be_run(given: Any) -> None:
    """Where that is wrong, the step is neither passed nor left out."""
    made = running()
    unable = given if callable(given) else lambda: given
    if callable(given):
        unable = lambda: given(made)  # noqa: E731
    step = made.lab.step(
        "say",
        "Say", on="alpha", run="say", check=printed("said"), wrong="x", requires=unable
    )  # fmt: skip
    with pytest.raises(AuthorError, match='requires= of the step "Say" is wrong'):
        made.do(step)


def test_a_view_that_exits() -> None:
    """A view that can't be made is the author's mistake, also where it would end the process."""
    made = running()
    step = made.lab.step(
        "say",
        "Say",
        on="alpha",
        run="say",
        check=printed("said"),
        wrong="x",
        view=lambda _: sys.exit(0),
    )
    with pytest.raises(AuthorError, match='the view of the step "Say" is wrong: it raised System'):
        views.of_outcome(made.do(step))


PROGRAMS = {
    "no JSON": ("{not JSON}\n", "it printed `{not JSON}`"),
    "no object": ("hello\n", "it printed `hello`"),
    "a list": ("[1]\n", "it printed `[1]`"),
    "deep": ('{"a":' + "[" * 100_000 + "\n", 'it printed `{"a":[['),
    "endless": ("{" * 1_200_000, "it printed `{{{"),
    "a picture": ('{"a": 1}\n', "it raised KeyError: 'b'"),
}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_watch(kind: str) -> None:
    """A watch whose program prints no JSON objects, or whose picture can't be made, is the author's
    mistake, which the verdict tells; no thread ends by it."""
    printed_by_it, why = PROGRAMS[kind]
    backend = FakeBackend({"say": lambda *_: "said\n", "print": lambda *_: printed_by_it})
    made = RunningLab(Lab("pair", [Node("alpha")]), backend)
    watch = Watch("It", "alpha", "print", lambda *_: "", lambda _: "")
    step = made.lab.step(
        "say", "Say", on="alpha", run="say", check=printed("said"), wrong="x", observe=[watch]
    )
    outcome = made.do(
        step, listener=Listener(observed=lambda seen: cast("Seen", seen).samples[-1]["b"])
    )
    assert isinstance(outcome.failure, AuthorError)
    assert why in outcome.verdict()
    assert 'of the watch "It" is wrong: ' in outcome.verdict()


def test_a_check_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that hangs is interrupted, and told as its author's mistake; what comes after it goes
    on."""

    def hangs(attempt: Attempt) -> str:
        while True:
            pass

    monkeypatch.setattr(evaluation, "LONGEST", 0.2)
    running = RunningLab(Lab("one", [Node("alpha")]), FakeBackend())
    with pytest.raises(AuthorError, match=r'hangs" is wrong: it has not ended within 0.2 s'):
        evaluation.evidence_of(hangs, running.attempt())
    monkeypatch.setattr(evaluation, "LONGEST", 900.0)
    assert evaluation.evidence_of(lambda _: "all is well", running.attempt()) == "all is well"
