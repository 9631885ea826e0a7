"""The nodes of a running lab: start them, attach to them, end them."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from labkernel import backends, memory
from labkernel.backends import capabilities
from labkernel.backends.base import Backend
from labkernel.backends.capabilities import Cables, Condition, Dial, Shell, Snapshot, Turns
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, LabError
from labkernel.lab import Lab
from labkernel.needs import unmet
from labkernel.progress import OnProgress
from labkernel.running import preparation
from labkernel.running.execution import failure_of
from labkernel.running.overrides import with_overrides
from labkernel.running.state import LabState

if TYPE_CHECKING:
    import socket


class RunningNodes:
    """The nodes of a lab that is running, or can be started.

    :param backend: a backend, or its name; empty: the first backend that offers what the lab needs
        and that this system supports.
    :param instance: the name of the running lab; the lab's name when empty.  Other processes find
        the running lab by it.
    :param vms: nodes that become VMs, by name, or ``"all"``.
    :param images: images that replace the images that they are based on.
    :param options: further options of the backend.
    :ivar topology: the nodes and links that run.
    :raises LabError: there is no such backend, node or image, or the lab can't run on it.
    """

    def __init__(
        self,
        lab: Lab,
        backend: str | Backend = "",
        *,
        instance: str = "",
        vms: Iterable[str] = (),
        images: Iterable[str] = (),
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.lab = lab
        self.topology = with_overrides(lab.topology, vms, images)
        self.backend = (
            _made(lab, backend, {"instance": instance or lab.name, **(options or {})})
            if isinstance(backend, str)
            else backend
        )
        self._state = LabState(self.backend)
        self._starting = threading.RLock()

    def up(self, on_progress: OnProgress | None = None) -> Self:
        """Start the lab, or attach to it if it runs already.

        :raises BackendError: it could not be started, with the reason; nothing of it is left.
        """
        with self._starting:
            if not self.is_up():
                self._state.forget()
                self._require_needs()
            self.backend.up(self.topology, on_progress)
            self._state.read()
            if not self._state.ready:
                self._prepare(on_progress)
        return self

    def _require_needs(self) -> None:
        """Raise BackendError before the start if the machine lacks what a step will need."""
        self.backend.require_for(self.lab.needs, self.topology)
        available = memory.available() >> 20
        if available < self.lab.memory:
            raise BackendError(
                f'lab "{self.lab.name}" needs {self.lab.memory} MiB of memory, and '
                f"{available} MiB are available",
                "end programs that use memory; labkernel status shows the running labs",
            )

    def _prepare(self, on_progress: OnProgress | None) -> None:
        try:
            preparation.run(self.lab, self, on_progress)
        except BaseException:
            self.backend.down()
            raise
        self._state.set_ready()

    def is_up(self) -> bool:
        """Check if the lab is running."""
        return self.backend.is_up()

    def down(self) -> None:
        """End the lab; nothing of it is left."""
        with self._starting:
            self.backend.down()
            self._state.forget()

    def reset(self, on_progress: OnProgress | None = None) -> Self:
        """Start the lab afresh."""
        with self._starting:
            if isinstance(self.backend, Snapshot):
                self.backend.reset(self.topology, on_progress)
            else:
                self.backend.down()
            self._state.forget()
            return self.up(on_progress)

    def __enter__(self) -> Self:
        return self.up()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

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
        """Run a command on a node.

        :param expect: the expected exit code; ``None`` accepts any.
        :raises CommandFailed: it ended with another one.
        :raises NodeLost: the node or the lab ended during the command.
        """
        self.topology.node(node)
        result = self.backend.run(node, command, on_output, timeout, stdin=stdin)
        if expect is not None and (result.timed_out or result.exit_code != expect):
            raise failure_of(result, timeout)
        return result

    def put(self, node: str, directory: str, archives: Iterable[Path]) -> None:
        """Unpack archives (tar) in a directory of a node, which is made if it is not there.

        Each archive is in memory for a moment: use several for many files.

        :raises CommandFailed: one can't be unpacked.
        """
        words = ["bash", "-c", 'mkdir -p "$0" && tar -xC "$0" --no-same-owner', directory]
        for archive in archives:
            self.run(node, words, stdin=archive.read_bytes(), expect=0)

    def dial(self, node: str, command: Sequence[str]) -> "socket.socket":
        """Start a command on a node; its input and its output are the socket."""
        self.topology.node(node)
        return capabilities.of(self.backend, Dial, node).dial(node, command)

    def plug(self, node: str, interface: str) -> None:
        """Plug in the cable of a node's interface."""
        capabilities.of(self.backend, Cables, node).set_cable(node, interface, True)

    def unplug(self, node: str, interface: str) -> None:
        """Unplug the cable of a node's interface."""
        capabilities.of(self.backend, Cables, node).set_cable(node, interface, False)

    def shell(self, node: str) -> list[str]:
        """The command, as a list of words, that opens an interactive shell on the node."""
        self.topology.node(node)
        return capabilities.of(self.backend, Shell, node).shell(node)

    def ended(self) -> dict[str, str]:
        """The nodes that have ended, and how; empty if the backend does not report that."""
        return self.backend.ended() if isinstance(self.backend, Condition) else {}

    def alone(self) -> AbstractContextManager[None]:
        """Keep other processes from running a step, if the backend supports that.

        :raises Busy: another process runs one.
        """
        return self.backend.alone() if isinstance(self.backend, Turns) else nullcontext()

    def stop(self) -> None:
        """Interrupt the commands on the nodes."""
        self.backend.stop()

    def set_value(self, name: str, value: Any) -> None:
        """Store a value (JSON) in the running lab, until it ends or starts afresh."""
        self._state.set_value(name, value)

    def get_value(self, name: str) -> Any:
        """The value that :meth:`set_value` stored; ``None`` if there is none."""
        return self._state.get_value(name)


def _made(lab: Lab, name: str, options: Mapping[str, Any]) -> Backend:
    made = backends.make(name or backends.usual(lab.needs), **options)
    if why := unmet(lab.needs, made.offers):
        offering = ", ".join(backends.offering(lab.needs))
        raise LabError(
            f'lab "{lab.name}" does not run on the {made.name} backend: {why}',
            offering and f"--backend {offering}",
        )
    return made
