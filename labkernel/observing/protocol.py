"""What observes a step while it runs, and what it brings."""

from collections.abc import Callable
from typing import Protocol

from labkernel.attempt import Workbench
from labkernel.errors import LabError
from labkernel.topology import Topology


class Artifact(Protocol):
    """What an observation brought: packets, samples."""

    @property
    def mime(self) -> str:
        """Its MIME type."""


OnArtifact = Callable[[Artifact], None]
"""Called with what has been seen so far, in a thread of its own."""


class Observation(Protocol):
    """An observer at work."""

    def feed(self, text: str) -> None:
        """The next piece of the command's output."""

    def command_ended(self) -> None:
        """The command has ended; its check comes now."""

    def stop(self) -> tuple[Artifact | None, LabError | None]:
        """End it, after the check: what it brings, and what went wrong, if anything did."""


class Observer(Protocol):
    """What a step declares: ``lab.step(…, observe=[capture("lan")])``."""

    def require(self, topology: Topology) -> None:
        """Raise LabError, or one of its kinds, if the lab lacks what it is to observe."""

    def start(self, bench: Workbench, node: str, tell: OnArtifact | None) -> Observation:
        """Begin, before the command does.

        :param node: on which the command runs.
        :raises BackendError: it does not begin, and the step does not either.
        """
