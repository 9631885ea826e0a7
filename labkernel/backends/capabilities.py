"""The optional capabilities of a backend, each a protocol: a backend has it if it has the methods.

:func:`of` gives a backend as one of them, or raises an error that names the missing capability.
"""

import socket
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from labkernel.errors import BackendError
from labkernel.progress import OnProgress
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.backends.base import Backend

C = TypeVar("C")


@runtime_checkable
class Shell(Protocol):
    """Opens an interactive shell on a node."""

    def shell(self, node: str) -> list[str]:
        """The command, as a list of words, that opens it on this machine."""


@runtime_checkable
class Dial(Protocol):
    """Connects a program here to a command on a node (used for Docker's API)."""

    def dial(self, node: str, command: Sequence[str]) -> socket.socket:
        """Start the command; the socket is its input and its output.

        The command must end at the end of its input, when the socket is closed.
        """


@runtime_checkable
class Cables(Protocol):
    """Plugs and unplugs cables."""

    def set_cable(self, node: str, interface: str, plugged: bool) -> None:
        """Plug in the cable of a node's interface, or unplug it: then it has no carrier.

        A link of two interfaces is one cable, and both lose their carrier.  A larger link is a
        switch, and the other interfaces keep theirs.

        :raises BackendError: there is no such interface.
        """


@runtime_checkable
class Snapshot(Protocol):
    """Resets a lab in less time than an end and a start take."""

    def reset(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Bring the lab back to its state at the start, or end it: ``up`` starts it afterwards."""


@runtime_checkable
class State(Protocol):
    """Stores values in a running lab, so that a restarted notebook kernel knows which steps were
    done; without it, each process has its own."""

    @property
    def attached(self) -> object:
        """An object that identifies the running lab: another one after the lab was started anew."""

    def read_state(self) -> dict[str, Any]:
        """The values that the running lab stores (JSON)."""

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change values by name; ``None`` removes a name.  Changes by several clients at the same
        time are merged.

        :returns: all values after the change.
        """


@runtime_checkable
class Turns(Protocol):
    """Lets one process at a time run a step of a running lab; without it, there is no limit."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep other processes from running a step during the block.

        :raises Busy: another process runs one.
        """


@runtime_checkable
class Condition(Protocol):
    """Reports nodes that have ended."""

    def ended(self) -> dict[str, str]:
        """The nodes of the running lab that have ended, and how."""


_ACTIONS: dict[type, str] = {
    Shell: "open a shell on a node",
    Dial: "connect a program to a command on a node",
    Cables: "unplug cables",
}


def of(backend: "Backend", capability: type[C], node: str) -> C:
    """The backend as an object with a capability.

    :param node: the node for which it is used.
    :raises BackendError: the backend lacks the capability.
    """
    if not isinstance(backend, capability):
        raise BackendError(f"{node}: the {backend.name} backend can't {_ACTIONS[capability]}")
    return backend
