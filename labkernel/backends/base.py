"""What a backend is: six methods that make the nodes of a lab real, and what it offers besides.

To add one: a package with a subclass of :class:`Backend`, an entry point ``labkernel.backends``
that names it, and a subclass of :class:`labkernel.testing.BackendContract` in its tests.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar

from labkernel import images
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendUnavailable
from labkernel.needs import Need, unmet
from labkernel.progress import OnProgress
from labkernel.topology import Topology


class Backend(ABC):
    """Makes the nodes of one topology real; an object of it is one running lab, or none yet.

    Every backend can be made with two keyword arguments, which headless runs use to have a lab of
    their own: ``instance``, what the running lab is called (the lab's name by default; two objects
    with the same instance are the same lab), and ``linger``, the seconds for which it outlives its
    last client.

    The abstract methods are its core; what it can do beyond that are the protocols of
    :mod:`labkernel.backends.capabilities`, which it has by having their methods.  What follows
    the core has an answer here that will do for most.
    """

    name: ClassVar[str]
    #: what labs may ask for beyond nodes, links and commands
    offers: ClassVar[frozenset[Need]] = frozenset()

    @abstractmethod
    def require(self) -> None:
        """Raise :class:`~labkernel.errors.BackendUnavailable`, with the remedy, if this machine
        can't run it."""

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

    @abstractmethod
    def stop(self) -> None:
        """Interrupt every command that :meth:`run` waits for (SIGINT, then SIGKILL)."""

    @abstractmethod
    def down(self) -> None:
        """End every node and link; nothing is left.  Does nothing when nothing runs."""

    @abstractmethod
    def is_up(self) -> bool:
        """Whether the lab runs (also when another process has started it)."""

    # -- what has an answer for most -------------------------------------------------------------

    def require_for(self, asked: Collection[Need], topology: Topology) -> None:
        """Raise :class:`~labkernel.errors.BackendUnavailable`, with the remedy, if what a lab asks
        for, or its nodes do, is not there on this machine."""
        if why := unmet({*asked, *topology.needs}, self.offers):
            raise BackendUnavailable(self.name, f"of a lab, {why}", "another backend")

    def try_out(self) -> str:
        """Make what a lab is made of, as :meth:`up` does, and let go of it: quickly, and nothing
        stays.  A backend for which that takes long leaves it at :meth:`require`.

        :returns: what is worse than it should be, and can be lived with; empty if nothing is.
        :raises BackendError: why :meth:`up` would fail.
        """
        return ""

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
