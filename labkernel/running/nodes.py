"""A lab's nodes as they run: started, attached to, and ended."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from labkernel import backends, memory
from labkernel.backends.base import Backend
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, LabError
from labkernel.lab import Lab
from labkernel.progress import OnProgress
from labkernel.running import preparing
from labkernel.running.arranging import arranged
from labkernel.running.execution import failure_of
from labkernel.running.memo import Memo

if TYPE_CHECKING:
    import socket

#: why a lab does not run on a backend of which it says nothing
NOT_TRIED = "its steps have not been run there yet"


class RunningNodes:
    """The nodes of a lab that runs, or can.

    :param backend: a backend's name, or one that is made; empty: the first of the lab's that this
        system can have.
    :param instance: what the running lab is called; the lab's name when empty.  By it a lab is
        found again, also by a process that has not started it.
    :param vms: nodes that become VMs, by name, or ``"all"``.
    :param images: images that take the place of those that they stand on.
    :param options: further ones of the backend that is made.
    :ivar topology: the nodes and links as they run.
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
        self.topology = arranged(lab.topology, vms, images)
        self.backend = (
            _made(lab, backend, {"instance": instance or lab.name, **(options or {})})
            if isinstance(backend, str)
            else backend
        )
        self._memo = Memo(self.backend)
        self._starting = threading.RLock()

    def up(self, on_progress: OnProgress | None = None) -> Self:
        """Start it, or attach to it where it runs already.

        :raises BackendError: what could not be started and why; nothing is left behind.
        """
        with self._starting:
            if self.lab.memory and not self.is_up():
                self._require_memory()
            self.backend.up(self.topology, on_progress)
            self._memo.read()
            if not self._memo.ready:
                self._prepare(on_progress)
        return self

    def _require_memory(self) -> None:
        """Say before the start what would end a daemon in the middle of a step."""
        there = memory.available() >> 20
        if there < self.lab.memory:
            raise BackendError(
                f'lab "{self.lab.name}" takes {self.lab.memory} MiB of memory, and '
                f"{there} MiB can be used now",
                "end what uses the memory; labkernel status shows the labs that run",
            )

    def _prepare(self, on_progress: OnProgress | None) -> None:
        try:
            preparing.run(self.lab, self, on_progress)
        except BaseException:
            self.backend.down()
            raise
        self._memo.set_ready()

    def is_up(self) -> bool:
        """Whether it runs."""
        return self.backend.is_up()

    def down(self) -> None:
        """End it: nothing is left."""
        with self._starting:
            self.backend.down()
            self._memo.forget()

    def reset(self, on_progress: OnProgress | None = None) -> Self:
        """Start it afresh."""
        with self._starting:
            self.backend.reset(self.topology, on_progress)
            self._memo.forget()
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

        :param expect: the exit code that is right; ``None`` accepts any.
        :raises CommandFailed: it ended with another one.
        :raises NodeLost: the node or the lab ended meanwhile.
        """
        self.topology.node(node)
        result = self.backend.run(node, command, on_output, timeout, stdin=stdin)
        if expect is not None and (result.timed_out or result.exit_code != expect):
            raise failure_of(result, timeout)
        return result

    def put(self, node: str, directory: str, archives: Iterable[Path]) -> None:
        """Unpack archives (tar) in a directory of a node, which is made if it is not there.

        Each is in memory for a moment: hand many files over in several.

        :raises CommandFailed: one can't be unpacked.
        """
        words = ["bash", "-c", 'mkdir -p "$0" && tar -xC "$0" --no-same-owner', directory]
        for archive in archives:
            self.run(node, words, stdin=archive.read_bytes(), expect=0)

    def dial(self, node: str, command: Sequence[str]) -> "socket.socket":
        """Start a command on a node; its input and its output are the socket."""
        self.topology.node(node)
        return self.backend.dial(node, command)

    def plug(self, node: str, interface: str) -> None:
        """Put the cable of a node's interface back."""
        self.backend.plug(node, interface)

    def unplug(self, node: str, interface: str) -> None:
        """Pull the cable of a node's interface."""
        self.backend.unplug(node, interface)

    def shell(self, node: str) -> list[str]:
        """The words of a command that opens an interactive shell on the node."""
        self.topology.node(node)
        return self.backend.shell(node)

    def stop(self) -> None:
        """Interrupt what runs on the nodes."""
        self.backend.stop()

    def keep(self, name: str, value: Any) -> None:
        """Have the running lab keep something (JSON), until it ends or starts afresh."""
        self._memo.keep(name, value)

    def kept(self, name: str) -> Any:
        """What :meth:`keep` was given; ``None`` if nothing."""
        return self._memo.kept(name)


def _made(lab: Lab, name: str, options: Mapping[str, Any]) -> Backend:
    name = name or backends.usual(lab.backends)
    made = backends.make(name, **options)
    if name not in lab.backends:
        raise LabError(
            f'lab "{lab.name}" does not run on the {name} backend: '
            f"{lab.excluded.get(name, NOT_TRIED)}; backends: {', '.join(lab.backends)}"
        )
    return made
