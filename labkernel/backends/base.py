"""What a backend is: five verbs that make nodes real.

To add one: a file with a subclass of :class:`Backend`, a line in :mod:`labkernel.backends`, and a
subclass of :class:`labkernel.testing.BackendContract` in the tests.
"""

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from labkernel import images
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError
from labkernel.progress import OnProgress
from labkernel.topology import Topology


class Backend(ABC):
    """Makes the nodes of one topology real; an object of it is one running lab, or none yet.

    Every backend can be made with two keyword arguments, which headless runs use to have a lab of
    their own: ``instance``, what the running lab is called (the lab's name by default; two objects
    with the same instance are the same lab), and ``linger``, the seconds for which it outlives its
    last client.
    """

    name: ClassVar[str]

    @abstractmethod
    def require(self) -> None:
        """Raise :class:`~labkernel.errors.BackendUnavailable`, with the remedy, if it can't run."""

    def require_for(self, topology: Topology) -> None:  # noqa: B027  most need nothing more
        """Raise :class:`~labkernel.errors.BackendUnavailable`, with the remedy, if what the nodes
        of a topology need in addition is not there."""

    def try_out(self) -> str:
        """Make what a lab is made of, as :meth:`up` does, and let go of it: quickly, and nothing
        stays.  A backend for which that takes long leaves it at :meth:`require`.

        :returns: what is worse than it should be, and can be lived with; empty if nothing is.
        :raises BackendError: why :meth:`up` would fail.
        """
        return ""

    @abstractmethod
    def up(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Start every node and link, or attach to them if they run already.

        :raises BackendError: what could not be started and why; nothing is left behind.
        """

    @abstractmethod
    def run(
        self,
        node: str,
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = 60.0,
        *,
        stdin: bytes = b"",
    ) -> Result:
        """Run a command on a node and wait for its end.

        What it leaves in the background goes on; :meth:`stop` ends it early.  May be called from
        several threads.

        :raises NodeLost: the node or the lab ended meanwhile.
        """

    def dial(self, node: str, command: Sequence[str]) -> socket.socket:
        """Start a command on a node and speak with it: the socket is its input and its output.

        It ends when it sees the end of its input: when the socket is closed.

        :raises BackendError: this backend can't.
        """
        raise BackendError(f"{node}: the {self.name} backend has no way to speak with a command")

    def ended(self) -> dict[str, str]:
        """The nodes of the running lab that have ended, and how; none where nobody can tell."""
        return {}

    def unplug(self, node: str, interface: str) -> None:
        """Pull the cable of a node's interface: it has no carrier until :meth:`plug`.

        A link of two interfaces is one cable, and both lose their carrier; where it joins more, it
        is a switch, and the others do not notice.

        :raises BackendError: there is no such interface, or this backend can't.
        """
        self._set_cable(node, interface, False)

    def plug(self, node: str, interface: str) -> None:
        """Put the cable of a node's interface back; does nothing if it is there.

        :raises BackendError: there is no such interface, or this backend can't.
        """
        self._set_cable(node, interface, True)

    def _set_cable(self, node: str, interface: str, plugged: bool) -> None:
        raise BackendError(f"{node}: the {self.name} backend has no way to pull a cable")

    @abstractmethod
    def stop(self) -> None:
        """Interrupt every command that :meth:`run` waits for (SIGINT, then SIGKILL)."""

    @abstractmethod
    def shell(self, node: str) -> list[str]:
        """The words of a command that opens an interactive shell on the node."""

    @abstractmethod
    def down(self) -> None:
        """End every node and link; nothing is left.  Does nothing when nothing runs."""

    def reset(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Undo all that happened since the lab's start, or end it: :meth:`up` then starts it."""
        self.down()

    @abstractmethod
    def is_up(self) -> bool:
        """Whether the lab runs (also when another process has started it)."""

    def missing_images(self, topology: Topology) -> list[str]:
        """The images that must be built before it can start, by name.

        :raises ImageError: one can't be had here.
        """
        return images.missing(node.image for node in topology.nodes)

    def build_missing_images(self, topology: Topology, on_progress: OnProgress) -> None:
        """Build the images that it lacks.

        :raises BackendUnavailable: they would be of no use here.
        :raises ImageError: one can't be built.
        """
        if missing := self.missing_images(topology):
            self.require()
            for name in missing:
                images.build(name, on_progress)

    def running(self) -> list[dict[str, Any]]:
        """Every running lab of this user on this backend: `instance`, `lab`, `nodes`, `ended` (by
        node, how), and `pid`, the process that holds it together, or None."""
        return []

    def prepare(self) -> None:  # noqa: B027  a backend that has nothing to prepare does nothing
        """Begin, without waiting, what makes a later :meth:`up` quicker."""

    @property
    def attached(self) -> object:
        """What is equal as long as this is attached to the same running lab: another object, where
        the lab was started anew meanwhile, and where nobody can tell."""
        return object()

    def alone(self) -> AbstractContextManager[None]:
        """Have no other process run a step of the running lab meanwhile.

        :raises Busy: one does.
        """
        return nullcontext()

    def read_memo(self) -> dict[str, Any]:
        """What the running lab keeps (JSON), so that a restarted notebook kernel knows which steps
        were done."""
        return {}

    def update_memo(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change what the running lab keeps: values by their names, where ``None`` takes a name
        away.  What several clients change at the same time is all kept.

        :returns: what it keeps then.
        """
        return {}
