"""What a backend can do beyond its core, each a protocol: it has the methods, or it can't.

Whoever uses one asks for it by :func:`of`, which says in a sentence that a backend can't.
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
        """The words of a command, on this machine, that opens it."""


@runtime_checkable
class Dial(Protocol):
    """Has a program here speak with a command on a node (Docker's API is spoken that way)."""

    def dial(self, node: str, command: Sequence[str]) -> socket.socket:
        """Start the command; the socket is its input and its output.

        It ends when it sees the end of its input: when the socket is closed.
        """


@runtime_checkable
class Cables(Protocol):
    """Pulls cables."""

    def set_cable(self, node: str, interface: str, plugged: bool) -> None:
        """Put the cable of a node's interface in, or pull it: it has no carrier then.

        A link of two interfaces is one cable, and both lose their carrier; where it joins more, it
        is a switch, and the others do not notice.

        :raises BackendError: there is no such interface.
        """


@runtime_checkable
class Snapshot(Protocol):
    """Brings a lab back to its start in less time than an end and a start take."""

    def reset(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Undo all that happened since the lab's start, or end it: ``up`` then starts it."""


@runtime_checkable
class State(Protocol):
    """Has a running lab keep something, so that a restarted notebook kernel knows which steps
    were done; without it, each process knows its own."""

    @property
    def attached(self) -> object:
        """What is equal as long as this is attached to the same running lab: another object where
        the lab was started anew meanwhile."""

    def read_state(self) -> dict[str, Any]:
        """What the running lab keeps (JSON)."""

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change it: values by their names, where ``None`` takes a name away.  What several clients
        change at the same time is all kept.

        :returns: what it keeps then.
        """


@runtime_checkable
class Turns(Protocol):
    """Sees that one process at a time runs a step of a running lab; without it, nobody does."""

    def alone(self) -> AbstractContextManager[None]:
        """Have no other process run a step meanwhile.

        :raises Busy: one does.
        """


@runtime_checkable
class Condition(Protocol):
    """Knows which nodes have ended."""

    def ended(self) -> dict[str, str]:
        """The nodes of the running lab that have ended, and how."""


_CAN: dict[type, str] = {
    Shell: "open a shell on a node",
    Dial: "have a program speak with a command on a node",
    Cables: "pull cables",
}


def of(backend: "Backend", capability: type[C], node: str) -> C:
    """The backend, as what has a capability.

    :param node: what it is for.
    :raises BackendError: it has not got it.
    """
    if not isinstance(backend, capability):
        raise BackendError(f"{node}: the {backend.name} backend can't {_CAN[capability]}")
    return backend
