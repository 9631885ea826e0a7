"""Steps and tasks: a command on a node, with a check of what it must have done."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from labkernel.errors import CheckFailed, LabError, Stopped
from labkernel.judging import authors, text_of
from labkernel.plain import plain

if TYPE_CHECKING:
    from labkernel.backends.base import OnOutput, Result
    from labkernel.lab import Lab
    from labkernel.recording import Capture, Recording
    from labkernel.watching import Sample, Watch

Check = Callable[["Lab"], str]
"""A plain function of the lab: returns what it saw, as a sentence without a full stop, or raises
:class:`~labkernel.errors.CheckFailed` with what was expected, what was seen and what to try."""


class Act(Protocol):
    """Runs a step's command elsewhere than on a node."""

    def __call__(self, command: str, on_output: "OnOutput | None", timeout: float) -> "Result":
        """Run it, and wait for its end.

        :raises BackendError: it can't be run, or did not come to its end.
        """

    def stop(self) -> None:
        """End it early; from another thread."""


def slug(title: str) -> str:
    """A title as a word: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


@dataclass(frozen=True, eq=False)
class Step:
    r"""A command that runs on a node, and what it must have done.

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
    :param capture: what is recorded of a link meanwhile, see :func:`labkernel.recording.capture`.
    :param cables: whether lines ``pull eth0`` and ``plug eth0`` of its output have the lab pull the
        cable of that interface of the node, and put it back; at the command's end all are back.
    :param unable: what the step asks of the machine or of its user beyond what the lab does: says
        why that is not there, a sentence, or nothing where it is.  Without it the step is *not
        run*, which is neither passed nor failed.
    :param act: what runs the command in place of the node.
    :param watch: what is watched meanwhile, see :class:`labkernel.watching.Watch`.
    """

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
    capture: "Capture | None" = None
    cables: bool = False
    unable: Callable[[], str] | None = None
    act: Act | None = None
    watch: "Watch | None" = None
    #: the lab that declared it
    lab: "Lab | None" = field(default=None, init=False, repr=False)

    #: whether the trainee writes the command
    is_task = False

    def __post_init__(self) -> None:
        if not self.run.strip():
            raise LabError(f'step "{self.title}" has no command')
        if not self.undo and not self.wrong:
            raise LabError(
                f'step "{self.title}" has neither undo= nor wrong=: '
                "its check can't be shown to fail; declare one of them"
            )
        if self.timeout <= 0:
            raise LabError(f'step "{self.title}" has timeout={self.timeout}: give seconds above 0')

    @property
    def name(self) -> str:
        """The title as a word: what the command line calls the step."""
        return slug(self.title)

    def why_not(self) -> str:
        """Why it can't be run here, a sentence; empty if it can.

        :raises AuthorError: what the author has written to tell that is wrong.
        """
        if not self.unable:
            return ""
        what = f'what tells whether the step "{self.title}" can be run'
        with authors(what):
            why: object = self.unable()
        return text_of(what, why, "a sentence, or nothing") if why else ""


@dataclass(frozen=True, eq=False)
class Task(Step):
    """A step that the trainee does; :attr:`run` is the solution, which headless runs use."""

    is_task = True

    @property
    def solution(self) -> str:
        """The command that does it."""
        return self.run


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
    :param left_out: characters of output that were dropped to bound its size.
    :param recording: the packets, of a step that has a capture.
    :param not_run: why it was not run at all, a sentence; empty if it was.
    :param watched: what was seen, of a step that has a watch.
    :param unmet: what the check says beside a command that failed.
    """

    step: Step
    command: str
    exit_code: int | None
    output: str
    seconds: float
    evidence: str = ""
    failure: LabError | None = field(default=None)
    left_out: int = 0
    recording: "Recording | None" = None
    not_run: str = ""
    watched: "tuple[Sample, ...]" = ()
    unmet: CheckFailed | None = None

    @property
    def passed(self) -> bool:
        """Whether the step did what it teaches."""
        return self.failure is None and not self.not_run

    def succeeded(self, evidence: str) -> "Outcome":
        """The same, passed."""
        return replace(self, evidence=evidence, failure=None)

    def failed(self, failure: LabError) -> "Outcome":
        """The same, not passed."""
        return replace(self, evidence="", failure=failure)

    def verdict(self) -> str:
        """One line that says how it ended and why."""
        if self.not_run:
            return f"Not run: {self.not_run}"
        if self.failure is None:
            return f"Passed: {_one_line(self.evidence)}."
        kinds = {CheckFailed: "Not yet", Stopped: "Stopped"}
        kind = kinds.get(type(self.failure), "Failed")
        text = _one_line(str(self.failure))
        return f"{kind}: {text}" + ("" if text.endswith((".", "!", "?")) else ".")


def _one_line(text: str) -> str:
    """What a node printed may be in it: no line of that stands for a verdict."""
    return " ".join(plain(text).splitlines())
