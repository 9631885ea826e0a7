"""A connection to a running supervisor: commands with live output, terminals, turns."""

import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from labkernel.backends.namespaces.channel import Channel
from labkernel.backends.namespaces.running_command import RunningCommand
from labkernel.backends.output import Bounded
from labkernel.command import Command, OnOutput, Result, require_command
from labkernel.errors import Busy

#: seals of a file in memory: no change is possible
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


class Connection(Channel):
    """A connection to the supervisor of a lab; closed by :meth:`close` or with the process.

    :param pid: the supervisor's process id; 0 if unknown.
    """

    def __init__(self, sock: socket.socket, pid: int = 0) -> None:
        super().__init__(sock, pid)
        self._turn = -1
        self._running: set[RunningCommand] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection; the nodes end commands that still run over it."""
        super().close()
        if self._turn >= 0:
            os.close(self._turn)
            self._turn = -1

    @contextmanager
    def turn(self, instance: str) -> Iterator[None]:
        """Take the turn: no other process has it during the block.

        :raises BackendError: another process has it.
        """
        if self._turn < 0:
            given = self.fetch("turn", "")
            # reopened: a lock belongs to an open file description, and all clients get the same
            self._turn = os.open(f"/proc/self/fd/{given}", os.O_RDWR | os.O_CLOEXEC)
            os.close(given)
        turn = self._turn
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy.elsewhere(instance) from None
        try:
            yield
        finally:
            if self._turn == turn:  # otherwise the lab has ended
                fcntl.flock(turn, fcntl.LOCK_UN)

    def run(
        self,
        node: str,
        command: Command,
        on_output: OnOutput | None,
        timeout: float | None,
        stdin: bytes,
    ) -> Result:
        """See :meth:`labkernel.backends.base.Backend.run`."""
        text = require_command(node, command)
        argv = ["/bin/bash", "-c", command] if isinstance(command, str) else list(command)
        started = time.perf_counter()
        output_r, output_w = os.pipe()
        source = _readable(stdin)
        try:
            message = {"op": "run", "node": node, "argv": argv}
            with self._request(message, (source, output_w)) as answer:
                os.close(output_w)
                output_w = -1
                running = RunningCommand(node, text, answer, output_r, Bounded(on_output))
                with self._tracked(running):
                    code, timed_out = running.wait(timeout)
        finally:
            for fd in (output_r, source, output_w):
                if fd >= 0:
                    os.close(fd)
        seconds = time.perf_counter() - started
        kept = running.output
        return Result(node, text, code, kept.text(), seconds, timed_out, kept.truncated)

    @contextmanager
    def _tracked(self, running: RunningCommand) -> Iterator[None]:
        with self._lock:
            self._running.add(running)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(running)
            running.close()

    def stop(self) -> None:
        """Interrupt every command that runs over this connection."""
        with self._lock:
            for running in self._running:
                running.interrupt()

    def dial(self, node: str, command: Sequence[str]) -> socket.socket:
        """See :meth:`labkernel.backends.base.Backend.dial`."""
        require_command(node, command)
        with self._request({"op": "speak", "node": node, "argv": list(command)}, ()) as answer:
            return _Dialled(self._handed(node, "the command", answer), answer)

    def terminal(self, node: str, term: str) -> tuple[int, socket.socket]:
        """Open a login shell.

        :returns: the terminal's master side, and the socket that gets the exit code.
        """
        with self._request({"op": "terminal", "node": node, "term": term}, ()) as answer:
            return self._handed(node, "a terminal", answer), answer.dup()


class _Dialled(socket.socket):
    """A socket to a command; the agent ends the command when both are gone."""

    def __init__(self, fd: int, answer: socket.socket) -> None:
        super().__init__(fileno=fd)
        # closed with this object, and not before: a reader may still use it
        self._answer = answer.dup()


def _readable(data: bytes) -> int:
    """A descriptor of a sealed file in memory with the data."""
    if not data:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "wb") as file:
        file.write(data)
        file.flush()
        # otherwise a node could reopen it for writing and let it grow
        fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, _SEALS)
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
