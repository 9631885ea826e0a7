"""Steps and tasks: a command on a node, and a check of its effect."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from labkernel import mistakes
from labkernel.attempt import Check
from labkernel.command import OnOutput, Result
from labkernel.errors import AuthorError, CheckFailed, LabError, Stopped, shown
from labkernel.evaluation import authors, text_of
from labkernel.mistakes import Mistake, Right
from labkernel.observing.protocol import Artifact, Observer
from labkernel.plain import plain
from labkernel.topology import Topology

A = TypeVar("A")


class LabDeclaration(Protocol):
    """A lab, as its steps and drills see it."""

    @property
    def name(self) -> str:
        """The lab's name, as on the command line."""

    @property
    def topology(self) -> Topology:
        """The lab's nodes and links."""

    @property
    def steps(self) -> "Sequence[Step]":
        """The lab's steps, in their order."""


class Runner(Protocol):
    """Runs a step's command somewhere else than on a node."""

    def __call__(self, command: str, on_output: OnOutput | None, timeout: float) -> Result:
        """Run the command, and wait for its end.

        :raises BackendError: it can't be run, or did not end.
        """

    def stop(self) -> None:
        """End the command early; called from another thread."""


_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def slug(title: str) -> str:
    """A title as an identifier: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


@dataclass(frozen=True, eq=False)
class Step:
    r"""A command that runs on a node, and a check of its effect.

    :param name: lower-case letters, digits and hyphens: its identifier on the command line, in
        results and in the running lab.  It stays when the title changes.
    :param title: an imperative sentence without a full stop.
    :param on: the name of the node.
    :param run: the command, given to ``bash -c``; several lines are one script.
    :param check: see :data:`Check`.
    :param undo: a command, on the same node, after which the check fails again.
    :param wrong: if there is nothing to undo (the step only reads): a wrong answer, a command that
        replaces `run` and after which the check fails.
    :param hints: texts for a trainee who is stuck, the vaguest first.
    :param exits: the expected exit code; ``None`` accepts any.
    :param timeout: seconds after which the command is stopped.
    :param view: a function of the outcome; returns what is shown below the output: anything that
        Jupyter can display (a DataFrame, a figure).
    :param about: why it is done, one or two sentences of Markdown-free text.
    :param volatile: a regular expression (multi-line) for parts of its output that differ from run
        to run and that :mod:`labkernel.transcript` does not know:
        ``r"(?P<rate>[\d,]+) answers"`` becomes ``<rate> answers`` in the transcript.
    :param observe: observers that run during the step, see :mod:`labkernel.observing`:
        ``capture("lan")``, a watch, ``cables()``.
    :param requires: a condition beyond the lab's needs (a file, a key of the user): a function that
        returns why it is not met, a sentence, or an empty text if it is.  If it is not met, the
        step is *not run*, which is neither passed nor failed.
    :param runner: runs the command instead of the node.
    :param mistakes: usual wrong answers, see :mod:`labkernel.mistakes`.
    :param also_right: other right answers.
    :param lab: the lab that declares it.
    """

    name: str
    title: str
    on: str
    run: str
    check: Check
    undo: str = ""
    wrong: str = ""
    hints: tuple[str, ...] = ()
    exits: int | None = 0
    timeout: float = 60.0
    view: Callable[["Outcome"], Any] | None = None
    about: str = ""
    volatile: str = ""
    observe: Sequence[Observer] = ()
    requires: Callable[[], str] | None = None
    runner: Runner | None = None
    mistakes: Sequence[Mistake] = ()
    also_right: Sequence[Right] = ()
    lab: LabDeclaration | None = field(default=None, repr=False)

    #: the trainee writes the command
    is_task = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise LabError(
                f"\"{shown(self.name)}\" can't be a step's name: lower-case letters, digits "
                "and hyphens",
                f'"{slug(self.name) or "a-name"}"',
            )
        if not self.run.strip():
            raise LabError(f'step "{self.title}" has no command')
        if not self.undo and not self.wrong:
            raise LabError(
                f'step "{self.title}" has neither undo= nor wrong=: '
                "its check can't be shown to fail; declare one of them"
            )
        mistakes.require(self.mistakes, Mistake)
        mistakes.require(self.also_right, Right)
        if self.timeout <= 0:
            raise LabError(f'step "{self.title}" has timeout={self.timeout}: give seconds above 0')

    def skip_reason(self) -> str:
        """The reason why the step can't be run here, a sentence; empty if it can.

        :raises AuthorError: the function `requires` is wrong.
        """
        if not self.requires:
            return ""
        what = f'requires= of the step "{self.title}"'
        with authors(what):
            why: object = self.requires()
        return text_of(what, why, "a sentence, or an empty text") if why else ""


@dataclass(frozen=True, eq=False)
class Task(Step):
    """A step that the trainee does; :attr:`run` is the solution, which headless runs execute."""

    is_task = True

    @property
    def solution(self) -> str:
        """The command that solves the task."""
        return self.run


class Status(StrEnum):
    """How an attempt at a step ended."""

    PASSED = "passed"
    #: the command ran, and the check failed
    NOT_YET = "not-yet"
    #: the command, the node or the lab failed
    FAILED = "failed"
    #: its user stopped it before its check ended
    STOPPED = "stopped"
    #: the condition in requires= is not met
    SKIPPED = "not-run"
    #: the lab's author has made a mistake
    ERROR = "error"


_STATUS: dict[type[LabError], Status] = {
    CheckFailed: Status.NOT_YET,
    Stopped: Status.STOPPED,
    AuthorError: Status.ERROR,
}
_VERDICTS = {Status.NOT_YET: "Not yet", Status.STOPPED: "Stopped"}


@dataclass(frozen=True)
class Outcome:
    """How a step ended.

    :param step: the step.
    :param command: the command that ran (a trainee may have changed it).
    :param exit_code: of the command; ``None`` if it never started.
    :param output: of the command, standard output and error together.
    :param seconds: the duration of the command.
    :param evidence: what the check saw when it passed; empty if it did not.
    :param failure: why it did not pass; ``None`` if it did.
    :param truncated: characters of output that were dropped to limit its size.
    :param artifacts: the results of the observers.
    :param skip_reason: why it was not run at all, a sentence; empty if it was.
    :param unmet: the failure of the check if the command failed as well.
    :param state: the state of the lab if the command failed, a sentence; empty if it is not known.
    :param on: the node on which the command ran, if a trainee chose one; empty: the step's.
    """

    step: Step
    command: str
    exit_code: int | None
    output: str
    seconds: float
    evidence: str = ""
    failure: LabError | None = field(default=None)
    truncated: int = 0
    artifacts: tuple[Artifact, ...] = ()
    skip_reason: str = ""
    unmet: CheckFailed | None = None
    state: str = ""
    on: str = ""

    @property
    def node(self) -> str:
        """The node on which the command ran."""
        return self.on or self.step.on

    @property
    def status(self) -> Status:
        """The status that follows from the other fields."""
        if self.skip_reason:
            return Status.SKIPPED
        if self.failure is None:
            return Status.PASSED
        kinds = (status for kind, status in _STATUS.items() if isinstance(self.failure, kind))
        return next(kinds, Status.FAILED)

    @property
    def passed(self) -> bool:
        """The check passed."""
        return self.status is Status.PASSED

    def artifact(self, kind: type[A]) -> A | None:
        """The artifact of a type: ``outcome.artifact(Recording)``; ``None`` if there is none."""
        return next((each for each in self.artifacts if isinstance(each, kind)), None)

    def succeeded(self, evidence: str) -> "Outcome":
        """A copy that has passed."""
        return replace(self, evidence=evidence, failure=None)

    def failed(self, failure: LabError) -> "Outcome":
        """A copy that has failed."""
        return replace(self, evidence="", failure=failure)

    def verdict(self) -> str:
        """One line that says how it ended and why."""
        if self.skip_reason:
            return f"Not run: {self.skip_reason}"
        if self.failure is None:
            return f"Passed: {_one_line(self.evidence)}."
        kind = _VERDICTS.get(self.status, "Failed")
        text = _one_line(str(self.failure))
        ended = text + ("" if text.endswith((".", "!", "?")) else ".")
        return f"{kind}: {ended}" + (f" {_one_line(self.state)}" if self.state else "")


def _one_line(text: str) -> str:
    """The text on one line: output of a node in it must not look like a verdict."""
    return " ".join(plain(text).splitlines())
