"""What a backend is: five verbs that make nodes real.

To add one: a file with a subclass of :class:`Backend`, a line in :mod:`labkernel.backends`, and a
subclass of :class:`labkernel.testing.BackendContract` in the tests.
"""

import base64
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from labkernel import images
from labkernel.errors import BackendError, last_line
from labkernel.topology import Topology

Command = str | Sequence[str]
"""Text for ``bash -c``, or the words of a command that runs without a shell."""

OnOutput = Callable[[str], None]
"""Called with each piece of output as it comes; pieces end where the reads ended, not the lines."""


@dataclass(frozen=True)
class Octets:
    """Given as :data:`OnOutput`: gets the pieces as they came, not decoded.

    :param take: is called with each.
    """

    take: Callable[[bytes], None]

    def __call__(self, text: str) -> None:
        """A piece from a backend that has text alone."""
        self.take(text.encode("utf-8", "surrogateescape"))


OnProgress = Callable[[str, float | None], None]
"""Called with what is being done and the part that is done (0 to 1; ``None``: unknown)."""


# octets of a file that come at once: as base64 they stay below the bound of a command's output
_PIECE = 1 << 19


@dataclass(frozen=True)
class Result:
    """How a command ended.

    :param node: where it ran.
    :param command: what ran, as text.
    :param exit_code: 128 plus the signal's number if a signal ended it (POSIX shells).
    :param output: standard output and error together, decoded as UTF-8 with U+FFFD for what is
        not; when it was longer than the bound (1 MiB), its beginning and its end.
    :param seconds: wall-clock time.
    :param timed_out: whether it was stopped for taking longer than its timeout.
    :param left_out: characters dropped from the middle of the output.
    """

    node: str
    command: str
    exit_code: int
    output: str
    seconds: float
    timed_out: bool = False
    left_out: int = 0

    @property
    def ok(self) -> bool:
        """Whether it ended with exit code 0."""
        return self.exit_code == 0


def require_command(node: str, command: Command) -> str:
    """A command as text, if it is one that a node can run.

    :raises BackendError: it is empty, or has what no command can have.
    """
    words = [command] if isinstance(command, str) else list(command)
    if not words or not all(isinstance(word, str) for word in words) or not words[0]:
        raise BackendError(f"{node}: a command is a text, or words of which the first is not empty")
    text = " ".join(words)
    if "\0" in text:
        raise BackendError(f"{node}: a command can't have a NUL byte in it: {text[:60]!r}")
    try:
        text.encode("utf-8", "surrogateescape")  # what came from a command line may have octets
    except UnicodeEncodeError:
        why = "a command can't have half of a surrogate pair in it"
        raise BackendError(f"{node}: {why}: {text[:60]!r}") from None
    return text


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

    def read_file(self, node: str, path: str, limit: int = 1 << 23) -> bytes:
        """A file of a node, octet for octet: :meth:`run` gives text, so it comes as base64.

        :param limit: octets; a larger file is refused.
        :raises BackendError: it can't be read, or is too large.
        """
        data = b""
        while True:
            start = str(len(data) + 1)
            script = f'tail -c "+$1" -- "$0" | head -c {_PIECE} | base64 --wrap=0'
            result = self.run(node, ["bash", "-c", script, path, start])
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

    def read_memo(self) -> dict[str, Any]:
        """What :meth:`write_memo` stored in the running lab (JSON), so that a restarted notebook
        kernel knows which steps were done."""
        return {}

    def write_memo(self, memo: dict[str, Any]) -> None:  # noqa: B027  optional
        """Store something that lives as long as the lab."""
