"""The protocols of observers of a running step, and of their results."""

from collections.abc import Callable
from typing import Protocol

from labkernel.attempt import Workbench
from labkernel.errors import LabError
from labkernel.topology import Topology


class Artifact(Protocol):
    """The result of an observation: packets, samples."""

    @property
    def mime(self) -> str:
        """The artifact's MIME type."""


OnArtifact = Callable[[Artifact], None]
"""Called with the artifact so far, in a thread of its own."""


class Observation(Protocol):
    """A running observer."""

    def feed(self, text: str) -> None:
        """Take the next piece of the command's output."""

    def command_ended(self) -> None:
        """Called when the command has ended, before its check."""

    def stop(self) -> tuple[Artifact | None, LabError | None]:
        """End the observation, after the check; returns the artifact, and an error or ``None``."""


class Observer(Protocol):
    """An observer as a step declares it: ``lab.step(…, observe=[capture("lan")])``."""

    def require(self, topology: Topology) -> None:
        """Raise LabError, or a subclass, if the lab lacks the node or link to observe."""

    def start(self, bench: Workbench, node: str, on_artifact: OnArtifact | None) -> Observation:
        """Start the observation, before the command.

        :param node: the node on which the command runs.
        :raises BackendError: it can't start; the step does not start either.
        """
