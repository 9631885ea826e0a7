"""The ports of a lab's nodes, which its picture follows while it is in view."""

from collections.abc import Callable
from dataclasses import dataclass

from labkernel.checks.events import Event, Kind, on
from labkernel.notebook import ports
from labkernel.running import RunningLab


@dataclass(frozen=True)
class LivePorts:
    """The ports of every node; see :class:`labkernel.notebook.watching.Watch`.

    :param found: called with them, and with ``None`` where the lab has ended.
    """

    running: RunningLab
    found: Callable[[ports.Live | None], None]

    @property
    def events(self) -> frozenset[Event]:
        """Changes of addresses and links; those of VMs are seen after each step, but not heard."""
        nodes = (node.name for node in self.running.topology.nodes if not node.kernel)
        return frozenset[Event]().union(*(on(each, Kind.ADDRESS, Kind.LINK) for each in nodes))

    def look(self) -> None:
        """Look at every node."""
        up = self.running.is_up()
        self.found(ports.look(self.running, self.running.topology) if up else None)
