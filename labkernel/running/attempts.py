"""An attempt at a step of a running lab, as its check sees it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labkernel.attempt import Nodes
from labkernel.errors import AuthorError, BackendError, CommandFailed, Expected, NotRunYet
from labkernel.evaluation import authors, evidence_of, text_of
from labkernel.lab import Lab
from labkernel.observing import Recording
from labkernel.steps import Outcome, Step

if TYPE_CHECKING:
    from labkernel.packets import Packet

Pcap = Callable[[], bytes | None]
"""Returns the packets so far while a step with a capture runs; otherwise ``None``."""


class StepAttempt:
    """An attempt at a step of a running lab, see :class:`labkernel.attempt.Attempt`.

    :param pcap: see :data:`Pcap`.
    :param stopped: a function that returns true if Stop was pressed.
    :ivar outcome: the step's last outcome; ``None`` if it has not run.
    :ivar used_output: whether the check has read the step's output, exit code or packets.
    """

    def __init__(
        self, nodes: Nodes, outcome: Outcome | None, pcap: Pcap, stopped: Callable[[], bool]
    ) -> None:
        self.topology = nodes.topology
        self.run = nodes.run
        self.outcome = outcome
        self._pcap = pcap
        self._stopped = stopped
        self.used_output = False

    @property
    def output(self) -> str:
        """The step's output; empty if it has not run."""
        self.used_output = True
        return self.outcome.output if self.outcome else ""

    @property
    def exit_code(self) -> int | None:
        """The exit code of its command; ``None`` if it has not run."""
        self.used_output = True
        return self.outcome.exit_code if self.outcome else None

    @property
    def packets(self) -> "Sequence[Packet]":
        """The packets that its capture has recorded so far."""
        if (pcap := self._pcap()) is not None:
            from labkernel.packets import read

            return read(pcap)
        self.used_output = True
        recording = self.outcome.artifact(Recording) if self.outcome else None
        return recording.packets if recording else []

    @property
    def stopped(self) -> bool:
        """Stop was pressed."""
        return self._stopped()


def evidence(step: Step, attempt: StepAttempt) -> str:
    """Run a step's check; returns what it saw.

    :raises CheckFailed: the step is not done.
    :raises AuthorError: the check is wrong.
    """
    try:
        return evidence_of(step.check, attempt)
    except AuthorError as error:
        subject = f'{error.subject} of the step "{step.title}"'
        raise AuthorError(subject, error.why) from error.__cause__


def diagnosed(lab: Lab, attempt: StepAttempt, outcome: Outcome) -> Outcome:
    """The outcome of a command that failed, with the state of the lab, where the lab can tell.

    :raises AuthorError: what tells it is wrong.
    """
    if not isinstance(outcome.failure, BackendError):
        return outcome
    said = state_of(lab, attempt)
    return replace(outcome, state=said) if said else outcome


def state_of(lab: Lab, attempt: StepAttempt) -> str:
    """The state of a lab as it tells it, a sentence; empty if all is well, or it can't tell.

    :raises AuthorError: what tells it is wrong.
    """
    if lab.diagnose is None:
        return ""
    what = f'what tells how the lab "{lab.name}" is'
    try:
        with authors(what):
            said = lab.diagnose(attempt)
    except BackendError:  # the node or the lab is lost, which the failure says that led here
        return ""
    return text_of(what, said, "a sentence") if said else ""


def require_output(step: Step, attempt: StepAttempt) -> None:
    """If the check has read the step's output, require that the step ran and succeeded.

    :raises LabError: it did not.
    """
    if not attempt.used_output:
        return
    if attempt.outcome is None:
        expected = Expected(step.on, "to see what the step prints")
        raise NotRunYet(expected, "it has not run here yet", "Press Run.")
    if isinstance(attempt.outcome.failure, CommandFailed):
        raise attempt.outcome.failure
