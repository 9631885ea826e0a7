"""A command that runs in a session: its input, its output, its end, and signals for it."""

import contextlib
import secrets
import threading
import time
from typing import TYPE_CHECKING

from labkernel.backends.output import Bounded
from labkernel.backends.ssh import runner
from labkernel.errors import NodeLost

if TYPE_CHECKING:
    from paramiko import Channel

#: seconds between the polite signal and the one that can't be refused
GRACE = 2.0
#: seconds between two looks at whether a command was interrupted; and those in which one that was
#: killed ends
_LOOK, _KILLED = 2.0, 10.0
_CHUNK = 1 << 16


class RunningCommand:
    """A command that runs in a session."""

    def __init__(self, node: str, command: str, channel: "Channel", output: Bounded) -> None:
        self.output = output
        self._command = command
        self._node = node
        self._channel = channel
        self._mark = secrets.token_hex(16).encode()
        self._held = b""
        self._killer: threading.Timer | None = None
        self._give_up_at: float | None = None
        self._telling = threading.Lock()
        self._closed = False
        self._again = False

    def start(self, request: bytes, size: int) -> bool:
        """Tell the runner what to run; returns whether it was there to hear it."""
        words = request.count(b"\0")
        self._channel.settimeout(runner.START)  # a machine that stands still takes nothing
        try:
            self._channel.sendall(b"%s %d %d\n%s" % (self._mark, words, size, request))
        except OSError:
            return False
        return True

    def feed(self, stdin: bytes) -> None:
        """Give it the standard input, all of which it takes before it starts the command."""
        try:
            self._channel.sendall(stdin)
        except OSError:
            return  # wait() says that it has ended

    def wait(self, timeout: float | None) -> tuple[int, bool]:
        """Its exit code, and whether it took longer than `timeout` seconds."""
        timed_out = False
        self._await_start()
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while (code := self._ended()) is None:
                try:
                    self._receive(self._next_look(deadline))
                except TimeoutError:
                    self._require_life()
                    if deadline is not None and time.monotonic() >= deadline:
                        deadline, timed_out = None, True
                        self.interrupt("TERM")
        finally:
            self.output.close()
        return code, timed_out

    def _next_look(self, deadline: float | None) -> float:
        """Seconds until it is time to do something; another thread may interrupt meanwhile."""
        return _LOOK if deadline is None else min(max(deadline - time.monotonic(), 0.001), _LOOK)

    def _require_life(self) -> None:
        """A command that was killed ends, unless its machine stands still."""
        if self._give_up_at is not None and time.monotonic() >= self._give_up_at:
            raise NodeLost.while_it_ended(self._node, self._command)

    def _await_start(self) -> None:
        wanted = self._mark + b" start\n"
        while not self._held.startswith(wanted):
            try:
                self._receive(runner.START)
            except TimeoutError:
                raise NodeLost(
                    f"{self._node}: it has not started a command within {runner.START:g} s", "Reset"
                ) from None
        self._held = self._held[len(wanted) :]

    def _receive(self, within: float | None) -> None:
        self._channel.settimeout(within)
        data = self._channel.recv(_CHUNK)
        if not data:
            raise NodeLost(f"{self._node}: the node ended while a command ran", "Reset")
        self._held += data

    def _ended(self) -> int | None:
        """The exit code if the mark is there; what stands before it is output."""
        said, mark, rest = self._held.partition(self._mark)
        if mark and b"\n" not in rest:
            return None
        if mark:
            self.output.add(said)
            code, more = rest.partition(b"\n")[0].split()
            self._again = more == b"1"
            return int(code)
        keep = _overlap(said, self._mark)
        self.output.add(said[: len(said) - keep])
        self._held = said[len(said) - keep :]
        return None

    def interrupt(self, signal: str) -> None:
        """From any thread: a polite signal now, and SIGKILL if it still runs after a while."""
        self._signal(signal)
        if self._killer is None:
            self._give_up_at = time.monotonic() + GRACE + _KILLED
            self._killer = threading.Timer(GRACE, self._signal, ["KILL"])
            self._killer.daemon = True
            self._killer.start()

    def _signal(self, name: str) -> None:
        with self._telling, contextlib.suppress(OSError):  # wait() says that it has ended
            if not self._closed:
                self._channel.sendall(f"{name}\n".encode())

    def close(self) -> "Channel | None":
        """Let go of the session, and give it back where it takes another command; else what still
        runs in it is killed."""
        if self._killer:
            self._killer.cancel()
        with self._telling:
            self._closed = True
            if self._again:
                return self._channel
            self._channel.close()
            return None


def _overlap(text: bytes, mark: bytes) -> int:
    """The number of bytes at the end of a text that may be the beginning of the mark."""
    longest = min(len(text), len(mark) - 1)
    return next((n for n in range(longest, 0, -1) if mark.startswith(text[-n:])), 0)
