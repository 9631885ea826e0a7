"""The protocols that checks and observers use: nodes of a running lab, an attempt at a step."""

import base64
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, last_line
from labkernel.progress import OnProgress
from labkernel.topology import Topology

if TYPE_CHECKING:
    import socket

    from labkernel.packets import Packet

# octets of a file read by one command: as base64 they stay below the limit of a command's output
_PIECE = 1 << 19


class Nodes(Protocol):
    """The nodes of a running lab."""

    @property
    def topology(self) -> Topology:
        """The nodes and links that run."""

    def run(
        self,
        node: str,
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = 60.0,
        *,
        stdin: bytes = b"",
        expect: int | None = None,
    ) -> Result:
        """Run a command on a node, and wait for its end.

        :param timeout: seconds.
        :param expect: the expected exit code; ``None`` accepts any.
        :raises CommandFailed: it ended with another one.
        :raises NodeLost: the node or the lab ended during the command.
        """


class Attempt(Nodes, Protocol):
    """One attempt at a step, as its check sees it.

    A task's check judges the lab's state: a trainee may have worked elsewhere, and then there is no
    output.
    """

    @property
    def output(self) -> str:
        """The step's output; empty if it has not run."""

    @property
    def exit_code(self) -> int | None:
        """The exit code of the step's command; ``None`` if it has not run."""

    @property
    def packets(self) -> "Sequence[Packet]":
        """The packets that its capture has recorded; empty without a capture, or before it ran."""

    @property
    def stopped(self) -> bool:
        """Stop was pressed: a check that waits must end its wait."""


Check = Callable[[Attempt], str]
"""A plain function of an attempt: returns what it saw, as a sentence without a full stop, or raises
:class:`~labkernel.errors.CheckFailed` with what was expected, what was seen and what to try."""


class Workbench(Nodes, Protocol):
    """A running lab, for functions that prepare it or measure in it."""

    def up(self, on_progress: OnProgress | None = None) -> Self:
        """Start it, or attach to it where it runs already."""

    def put(self, node: str, directory: str, archives: Iterable[Path]) -> None:
        """Unpack archives (tar) in a directory of a node."""

    def dial(self, node: str, command: Sequence[str]) -> "socket.socket":
        """Start a command on a node; its input and its output are the socket."""

    def plug(self, node: str, interface: str) -> None:
        """Plug in the cable of a node's interface."""

    def unplug(self, node: str, interface: str) -> None:
        """Unplug the cable of a node's interface."""

    def stop(self) -> None:
        """Interrupt the commands that run."""


def read_file(nodes: Nodes, node: str, path: str, limit: int = 1 << 23) -> bytes:
    """Read a file of a node as bytes: a command's output is text, so it is transferred as base64.

    :param limit: octets; a larger file is refused.
    :raises BackendError: it can't be read, or is too large.
    """
    data = b""
    while True:
        start = str(len(data) + 1)
        script = f'tail -c "+$1" -- "$0" | head -c {_PIECE} | base64 --wrap=0'
        result = nodes.run(node, ["bash", "-c", script, path, start])
        try:
            piece = base64.b64decode(result.output, validate=True)
        except ValueError:
            why = last_line(result.output)
            raise BackendError(f"{node}: can't read {path}: {why}") from None
        data += piece
        if len(data) > limit:
            raise BackendError(f"{node}: {path} is larger than {limit:,} octets")
        if len(piece) < _PIECE:
            return data
