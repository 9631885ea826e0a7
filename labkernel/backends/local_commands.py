"""Runs commands on nodes through a local program such as nsenter, chroot or ``ip netns exec``.

For backends of other packages: it implements the contract of commands (Linux alone).
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from labkernel.backends.output import Bounded
from labkernel.command import Command, OnOutput, Result, require_command

#: seconds between the first signal and SIGKILL
_GRACE = 2.0
#: seconds until killed processes have ended, on a busy machine; and between two checks of that
_ENDED, _BETWEEN = 5.0, 0.01
_CHUNK = 1 << 16


class LocalCommands:
    """The running commands of one backend; several threads may run commands."""

    def __init__(self) -> None:
        self._running: set[_Process] = set()
        self._lock = threading.Lock()

    def run(
        self,
        node: str,
        by: Sequence[str],
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = None,
        stdin: bytes = b"",
    ) -> Result:
        """Run a command on a node, and wait for its end.

        :param by: the words of the local program: ``["nsenter", …, "--"]``.
        :param timeout: seconds.
        """
        text = require_command(node, command)
        words = ["bash", "-c", command] if isinstance(command, str) else list(command)
        began = time.monotonic()
        process = _Process([*by, *words], stdin)
        with self._lock:
            self._running.add(process)
        try:
            output = Bounded(on_output)
            code, late = process.wait(output, None if timeout is None else began + timeout)
        finally:
            with self._lock:
                self._running.discard(process)
        seconds = time.monotonic() - began
        return Result(node, text, code, output.text(), seconds, late, output.truncated)

    def stop(self) -> None:
        """Interrupt every running command."""
        with self._lock:
            for process in self._running:
                process.end(signal.SIGINT)


class _Process:
    def __init__(self, words: Sequence[str], stdin: bytes) -> None:
        given = os.memfd_create("stdin", os.MFD_CLOEXEC)
        try:
            with open(given, "wb", closefd=False) as file:
                file.write(stdin)
            os.lseek(given, 0, os.SEEK_SET)
            self._popen = subprocess.Popen(
                [os.fsencode(word) for word in words],
                stdin=given if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                bufsize=0,
            )
        finally:
            os.close(given)
        self._kill_at: float | None = None
        self._killed = False

    def end(self, number: signal.Signals) -> None:
        """Send a signal, and SIGKILL some seconds later."""
        self._send(number)
        self._kill_at = self._kill_at or time.monotonic() + _GRACE

    def _end_the_rest(self) -> None:
        """Kill the rest of the process group; the kernel does not report its end."""
        self._send(signal.SIGKILL)
        until = time.monotonic() + _ENDED
        with suppress(ProcessLookupError):
            while time.monotonic() < until:
                os.killpg(self._popen.pid, 0)
                time.sleep(_BETWEEN)

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def wait(self, output: Bounded, deadline: float | None) -> tuple[int, bool]:
        """Wait; returns the exit code, and if it timed out.  Background processes continue."""
        assert self._popen.stdout is not None
        late, pipe, pipe_open = False, self._popen.stdout.fileno(), True
        os.set_blocking(pipe, False)
        ended = os.pidfd_open(self._popen.pid)
        with self._popen.stdout, selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            selector.register(ended, selectors.EVENT_READ)
            # a signalled command may outlive the local program: then its pipe is still open
            while self._popen.poll() is None or (self._kill_at and not self._killed and pipe_open):
                now = time.monotonic()
                if deadline is not None and now >= deadline and not late:
                    late = True
                    self.end(signal.SIGTERM)
                if self._kill_at and now >= self._kill_at:
                    self._killed = True
                    self.end(signal.SIGKILL)
                until = None if self._killed else self._kill_at or deadline
                for key, _ in selector.select(max(0.0, until - now) if until else None):
                    if key.fd == ended or not (pipe_open := _read(pipe, output)):
                        selector.unregister(key.fd)
            _read(pipe, output)
        os.close(ended)
        if self._kill_at:
            self._end_the_rest()
        output.close()
        code = -signal.SIGKILL if self._killed else self._popen.returncode
        return (128 - code if code < 0 else code), late


def _read(pipe: int, output: Bounded) -> bool:
    """Read all available output; returns true if more can come."""
    while True:
        try:
            data = os.read(pipe, _CHUNK)
        except BlockingIOError:
            return True
        if not data:
            return False
        output.add(data)
