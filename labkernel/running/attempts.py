"""The attempt that a step's check is given."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labkernel.attempt import Nodes
from labkernel.errors import AuthorError, CommandFailed, Expected, NotRunYet
from labkernel.evaluation import evidence_of
from labkernel.observing import Recording
from labkernel.steps import Outcome, Step

if TYPE_CHECKING:
    from labkernel.packets import Packet

Pcap = Callable[[], bytes | None]
"""Gives the packets so far, while a step runs that has a capture; else nothing."""


class StepAttempt:
    """An attempt at a step of a running lab, see :class:`labkernel.attempt.Attempt`.

    :param pcap: see :data:`Pcap`.
    :param stopped: tells whether somebody has pressed Stop meanwhile.
    :ivar outcome: how the step ended last; ``None`` if it has not run.
    :ivar has_looked: whether the check has asked what the step did, and not only the nodes.
    """

    def __init__(
        self, nodes: Nodes, outcome: Outcome | None, pcap: Pcap, stopped: Callable[[], bool]
    ) -> None:
        self.topology = nodes.topology
        self.run = nodes.run
        self.outcome = outcome
        self._pcap = pcap
        self._stopped = stopped
        self.has_looked = False

    @property
    def output(self) -> str:
        """What the step printed; empty if it has not run."""
        self.has_looked = True
        return self.outcome.output if self.outcome else ""

    @property
    def exit_code(self) -> int | None:
        """What its command ended with; ``None`` if it has not run."""
        self.has_looked = True
        return self.outcome.exit_code if self.outcome else None

    @property
    def packets(self) -> "Sequence[Packet]":
        """What its capture has so far."""
        if (pcap := self._pcap()) is not None:
            from labkernel.packets import read

            return read(pcap)
        self.has_looked = True
        recording = self.outcome.artifact(Recording) if self.outcome else None
        return recording.packets if recording else []

    @property
    def stopped(self) -> bool:
        """Whether its user has stopped it."""
        return self._stopped()


def evidence(step: Step, attempt: StepAttempt) -> str:
    """What a step's check sees.

    :raises CheckFailed: it is not done.
    :raises AuthorError: the check says neither.
    """
    try:
        return evidence_of(step.check, attempt)
    except AuthorError as error:
        subject = f'{error.subject} of the step "{step.title}"'
        raise AuthorError(subject, error.why) from error.__cause__


def require_output(step: Step, attempt: StepAttempt) -> None:
    """Where the check has looked at what the step prints: that it ran, and ended as it must.

    :raises LabError: it did not.
    """
    if not attempt.has_looked:
        return
    if attempt.outcome is None:
        expected = Expected(step.on, "to see what the step prints")
        raise NotRunYet(expected, "it has not run here yet", "Press Run.")
    if isinstance(attempt.outcome.failure, CommandFailed):
        raise attempt.outcome.failure
