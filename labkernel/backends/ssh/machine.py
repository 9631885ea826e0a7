"""A machine that is reached by SSH: it runs commands, and gives terminals."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Self

from labkernel.backends.output import Bounded
from labkernel.backends.ssh import runner
from labkernel.backends.ssh.connections import Connections, Login
from labkernel.backends.ssh.running_command import RunningCommand
from labkernel.command import Command, OnOutput, Result, require_command
from labkernel.errors import NodeLost

if TYPE_CHECKING:
    from paramiko import Channel


class Machine:
    """A machine that takes commands by SSH; connected when it is first needed, or by `connect`.

    :param name: the node's.
    :param open_socket: makes a connection to its SSH server.
    """

    def __init__(self, name: str, login: Login, open_socket: Callable[[], socket.socket]) -> None:
        self.name = name
        self._connections = Connections(name, login, open_socket)
        self._idle: list[Channel] = []
        self._running: set[RunningCommand] = set()
        self._lock = threading.Lock()

    def connect(self, within: float = 30.0) -> None:
        """Verify the machine's host key, and log in.

        :param within: the timeout of each step, in seconds.
        :raises OSError: no server answers, or not yet.
        :raises NodeLost: another machine answers, or it refuses the login.
        """
        self._connections.make(within)
        session = self._connections.session()
        with self._lock:
            self._idle.append(session)

    def run(
        self,
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = 60.0,
        stdin: bytes = b"",
    ) -> Result:
        """See :meth:`labkernel.backends.base.Backend.run`."""
        words = ["/bin/bash", "-c", command] if isinstance(command, str) else list(command)
        text = require_command(self.name, command)
        request = runner.encoded(words)
        started = time.perf_counter()
        running = self._start(text, request, stdin, Bounded(on_output))
        try:
            code, timed_out = running.wait(timeout)
        finally:
            with self._lock:
                self._running.discard(running)
            if session := running.close():
                with self._lock:
                    self._idle.append(session)
        seconds = time.perf_counter() - started
        kept = running.output
        return Result(self.name, text, code, kept.text(), seconds, timed_out, kept.truncated)

    def _start(self, command: str, request: bytes, stdin: bytes, output: Bounded) -> RunningCommand:
        for channel in self._sessions():
            running = RunningCommand(self.name, command, channel, output)
            if running.start(request, len(stdin)):
                with self._lock:
                    self._running.add(running)
                running.feed(stdin)
                return running
            channel.close()
        raise NodeLost(f"{self.name}: the connection has ended", "Reset")

    def _sessions(self) -> Iterator["Channel"]:
        """The idle sessions, which may have ended, and then a new one."""
        while True:
            with self._lock:
                session = self._idle.pop() if self._idle else None
            if session is None:
                break
            yield session
        yield self._connections.session()

    def stop(self) -> None:
        """Interrupt every command that this process waits for."""
        with self._lock:
            running = list(self._running)
        for each in running:
            each.interrupt("INT")

    def terminal(self, term: str, columns: int, rows: int) -> "Channel":
        """A login shell on a terminal of the machine.

        :raises NodeLost: it can't be had.
        """
        from paramiko import SSHException

        try:
            transport = self._connections.make(runner.START)
            channel = transport.open_session(timeout=runner.START)
            channel.get_pty(term, columns, rows)
            channel.invoke_shell()
        except (SSHException, EOFError, OSError) as error:
            raise NodeLost(f"{self.name}: no terminal could be opened ({error})") from None
        return channel

    def close(self) -> None:
        """Let go of it; commands that still run are ended."""
        with self._lock:
            self._idle = []
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
