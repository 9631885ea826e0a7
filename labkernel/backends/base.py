"""The base class of backends: six methods that make the nodes of a lab, and optional ones.

To add one: a package with a subclass of :class:`Backend`, an entry point ``labkernel.backends``
that names it, and a subclass of :class:`labkernel.testing.BackendContract` in its tests.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from labkernel import images, memory
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendUnavailable
from labkernel.needs import Need, unmet
from labkernel.progress import OnProgress, within
from labkernel.topology import Topology


class Backend(ABC):
    """Makes the nodes and links of one topology; an object is one lab, running or to be started.

    Every backend accepts two keyword arguments, which headless runs use to have labs of their own:
    ``instance``, the name of the running lab (the lab's name by default; two objects with the same
    instance are the same lab), and ``linger``, the seconds for which it outlives its last client.

    The abstract methods are the core.  Optional capabilities are the protocols in
    :mod:`labkernel.backends.capabilities`, which a backend has if it has their methods.  The other
    methods have a default that is sufficient for most backends.
    """

    name: ClassVar[str]
    #: the needs of labs that it meets, beyond nodes, links and commands
    offers: ClassVar[frozenset[Need]] = frozenset()

    @abstractmethod
    def require(self) -> None:
        """Raise :class:`~labkernel.errors.BackendUnavailable`, with the remedy, if this machine
        can't run it."""

    @abstractmethod
    def up(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Start every node and link, or attach to them if they run already.

        :raises BackendError: it could not be started, with the reason; nothing of it is left.
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

        Background processes continue; :meth:`stop` interrupts it.  Several threads may call it.

        :raises NodeLost: the node or the lab ended during the command.
        """

    @abstractmethod
    def stop(self) -> None:
        """Interrupt every command that :meth:`run` waits for (SIGINT, then SIGKILL)."""

    @abstractmethod
    def down(self) -> None:
        """End every node and link; nothing is left.  Does nothing if the lab does not run."""

    @abstractmethod
    def is_up(self) -> bool:
        """Check if the lab runs, also if another process has started it."""

    # -- methods with a default ------------------------------------------------------------------

    def require_for(self, needed: Collection[Need], topology: Topology) -> None:
        """Raise :class:`~labkernel.errors.BackendUnavailable`, with the remedy, if this machine
        does not meet the needs of a lab or of its nodes."""
        if why := unmet({*needed, *topology.needs}, self.offers):
            raise BackendUnavailable(self.name, f"of a lab, {why}", "another backend")

    def try_out(self) -> str:
        """Make a node as :meth:`up` does, and remove it, if that is fast.

        :returns: a warning about a limitation of this machine; empty if there is none.
        :raises BackendError: the reason why :meth:`up` would fail.
        """
        return ""

    def missing_images(self, topology: Topology) -> list[str]:
        """The names of the images that must be built before the start.

        :raises ImageError: one can't be built here.
        """
        return images.missing(node.image for node in topology.nodes)

    def build_missing_images(self, topology: Topology, on_progress: OnProgress) -> None:
        """Build the missing images.

        :raises BackendUnavailable: the backend can't run here.
        :raises ImageError: one can't be built.
        """
        if missing := self.missing_images(topology):
            self.require()
            for done, name in enumerate(missing):
                images.build(name, within(on_progress, done, len(missing)))

    def running(self) -> list[dict[str, Any]]:
        """Describe every running lab of this user on this backend: `instance`, `lab`, `nodes`,
        `ended` (reasons by node), and `pid`, the process that holds it together, or None."""
        return []

    def memory_of(self, running: Mapping[str, Any]) -> int:
        """The memory in bytes that a running lab uses, by its description; 0 if that is not
        known."""
        return memory.of_processes(memory.tree(running["pid"])) if running["pid"] else 0

    def watched(self) -> list[str]:
        """The directories in which files are made and removed when a lab starts and ends."""
        return []

    def prepare(self) -> None:  # noqa: B027  optional
        """Start, without waiting, work that makes a later :meth:`up` faster."""
