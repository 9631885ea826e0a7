"""Steps and tasks: a command on a node, with a check of what it must have done."""

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
    """A lab, as far as its own steps and drills know it."""

    @property
    def name(self) -> str:
        """As on the command line."""

    @property
    def topology(self) -> Topology:
        """Its nodes and links."""

    @property
    def steps(self) -> "Sequence[Step]":
        """Its steps, in their order."""


class Runner(Protocol):
    """Runs a step's command elsewhere than on a node."""

    def __call__(self, command: str, on_output: OnOutput | None, timeout: float) -> Result:
        """Run it, and wait for its end.

        :raises BackendError: it can't be run, or did not come to its end.
        """

    def stop(self) -> None:
        """End it early; from another thread."""


_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def slug(title: str) -> str:
    """A title as a word: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


@dataclass(frozen=True, eq=False)
class Step:
    r"""A command that runs on a node, and what it must have done.

    :param name: lower-case letters, digits and hyphens: what the command line, results and the
        running lab call it.  It stays when the title changes.
    :param title: an imperative sentence without a full stop.
    :param on: the name of the node.
    :param run: the command, given to ``bash -c``; several lines are one script.
    :param check: see :data:`Check`.
    :param undo: the command, on the same node, after which the check fails again.
    :param wrong: where there is nothing to undo (the step only looks): a wrong answer, a command
        in place of `run` after which the check fails.
    :param hints: what to tell a trainee who is stuck, the vaguest first.
    :param exits: the exit code that is right; ``None`` when any is.
    :param timeout: seconds after which the command is stopped.
    :param view: makes of the outcome what is shown below the output: anything that Jupyter can
        display (a DataFrame, a figure).
    :param about: why it is done, one or two sentences of Markdown-free text.
    :param volatile: a regular expression (multi-line) for what differs from run to run in its
        output, beyond what :mod:`labkernel.transcript` knows: ``r"(?P<rate>[\d,]+) answers"``
        becomes ``<rate> answers`` in the transcript.
    :param observe: what is observed meanwhile, see :mod:`labkernel.observing`: ``capture("lan")``,
        a watch, ``cables()``.
    :param requires: what the step asks of the machine or of its user beyond what the lab does: says
        why that is not there, a sentence, or nothing where it is.  Without it the step is *not
        run*, which is neither passed nor failed.
    :param runner: what runs the command in place of the node.
    :param mistakes: usual wrong answers, see :mod:`labkernel.mistakes`.
    :param also_right: right answers that differ.
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

    #: whether the trainee writes the command
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
        """Why it can't be run here, a sentence; empty if it can.

        :raises AuthorError: what the author has written to tell that is wrong.
        """
        if not self.requires:
            return ""
        what = f'what tells whether the step "{self.title}" can be run'
        with authors(what):
            why: object = self.requires()
        return text_of(what, why, "a sentence, or nothing") if why else ""


@dataclass(frozen=True, eq=False)
class Task(Step):
    """A step that the trainee does; :attr:`run` is the solution, which headless runs use."""

    is_task = True

    @property
    def solution(self) -> str:
        """The command that does it."""
        return self.run


class Status(StrEnum):
    """How an attempt at a step ended."""

    PASSED = "passed"
    #: the command ran, and the check says that something is missing
    NOT_YET = "not-yet"
    #: the command, the node or the lab failed
    FAILED = "failed"
    #: its user stopped it before it was judged
    STOPPED = "stopped"
    #: this machine, or its user, lacks what the step asks for
    SKIPPED = "not-run"
    #: the lab's author has made a mistake
    ERROR = "error"


_STATUS: dict[type[LabError], Status] = {
    CheckFailed: Status.NOT_YET,
    Stopped: Status.STOPPED,
    AuthorError: Status.ERROR,
}
_SAID = {Status.NOT_YET: "Not yet", Status.STOPPED: "Stopped"}


@dataclass(frozen=True)
class Outcome:
    """How a step ended.

    :param step: which.
    :param command: what ran (a trainee may have changed it).
    :param exit_code: what it ended with; ``None`` if it never started.
    :param output: what it printed, standard output and error together, as a terminal shows it.
    :param seconds: how long the command took.
    :param evidence: what the check saw when it passed; empty when it did not.
    :param failure: why it did not pass; ``None`` when it did.
    :param truncated: characters of output that were dropped to bound its size.
    :param artifacts: what was observed.
    :param skip_reason: why it was not run at all, a sentence; empty if it was.
    :param unmet: what the check says beside a command that failed.
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

    @property
    def status(self) -> Status:
        """How it ended."""
        if self.skip_reason:
            return Status.SKIPPED
        if self.failure is None:
            return Status.PASSED
        kinds = (status for kind, status in _STATUS.items() if isinstance(self.failure, kind))
        return next(kinds, Status.FAILED)

    @property
    def passed(self) -> bool:
        """Whether the step did what it teaches."""
        return self.status is Status.PASSED

    def artifact(self, kind: type[A]) -> A | None:
        """What was observed, of a kind: ``outcome.artifact(Recording)``; ``None`` if nothing."""
        return next((each for each in self.artifacts if isinstance(each, kind)), None)

    def succeeded(self, evidence: str) -> "Outcome":
        """The same, passed."""
        return replace(self, evidence=evidence, failure=None)

    def failed(self, failure: LabError) -> "Outcome":
        """The same, not passed."""
        return replace(self, evidence="", failure=failure)

    def verdict(self) -> str:
        """One line that says how it ended and why."""
        if self.skip_reason:
            return f"Not run: {self.skip_reason}"
        if self.failure is None:
            return f"Passed: {_one_line(self.evidence)}."
        kind = _SAID.get(self.status, "Failed")
        text = _one_line(str(self.failure))
        return f"{kind}: {text}" + ("" if text.endswith((".", "!", "?")) else ".")


def _one_line(text: str) -> str:
    """What a node printed may be in it: no line of that stands for a verdict."""
    return " ".join(plain(text).splitlines())
