"""A running command on a node, in a client: its output, its end, and signals for it."""

import os
import select
import signal
import socket
import time

from labkernel.backends.namespaces import protocol
from labkernel.backends.output import Bounded
from labkernel.errors import BackendError, NodeLost

#: seconds between the first signal and SIGKILL
GRACE = 2.0
#: seconds until an agent reports the end of a killed command: one that waits for a file system in
#: user space can't be ended before that answers
_KILLED = 30.0
_CHUNK = 65536


class RunningCommand:
    """A running command: reads its output, waits for its end, passes signals on."""

    def __init__(
        self, node: str, command: str, answer: socket.socket, output_r: int, output: Bounded
    ) -> None:
        self.node = node
        self._command = command
        self.output = output
        self._answer = answer
        self._output_r = output_r
        self._wake_r, self._wake_w = os.pipe()
        self._kill_at: float | None = None
        self._give_up_at: float | None = None

    def interrupt(self) -> None:
        """Send SIGINT, and SIGKILL if it still runs after a grace time; from any thread."""
        os.write(self._wake_w, b"i")

    def wait(self, timeout: float | None) -> tuple[int, bool]:
        """Wait; returns the exit code, and if it took longer than `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        timed_out = False
        poll = select.poll()
        for fd in (self._output_r, self._answer.fileno(), self._wake_r):
            poll.register(fd, select.POLLIN)
        try:
            while True:
                waits = _milliseconds(deadline, self._kill_at, self._give_up_at)
                for fd, _ in poll.poll(waits):
                    if fd == self._output_r and not self._read():
                        poll.unregister(fd)
                    elif fd == self._answer.fileno():
                        self._drain()
                        return self._ended(), timed_out
                    elif fd == self._wake_r:
                        os.read(self._wake_r, 64)
                        self._signal(signal.SIGINT)
                now = time.monotonic()
                if deadline is not None and now >= deadline:
                    deadline, timed_out = None, True
                    self._signal(signal.SIGTERM)
                if self._kill_at is not None and now >= self._kill_at:
                    self._kill_at = None
                    self._give_up_at = now + _KILLED
                    self._signal(signal.SIGKILL)
                if self._give_up_at is not None and now >= self._give_up_at:
                    raise NodeLost.while_it_ended(self.node, self._command)
        finally:
            self.output.close()

    def close(self) -> None:
        """Close its descriptors; afterwards it can't be interrupted."""
        os.close(self._wake_r)
        os.close(self._wake_w)

    def _signal(self, number: signal.Signals) -> None:
        if number != signal.SIGKILL and self._kill_at is None and self._give_up_at is None:
            self._kill_at = time.monotonic() + GRACE  # a second request does not delay it
        try:
            protocol.send(self._answer, {"signal": int(number)}, flags=socket.MSG_DONTWAIT)
        except OSError:
            # it is just ending: its reply is on the way
            return

    def _read(self) -> bool:
        data = os.read(self._output_r, _CHUNK)
        self.output.add(data)
        return bool(data)

    def _drain(self) -> None:
        """Read the output that the command wrote before its end; background processes may write
        more, without a wait for it."""
        os.set_blocking(self._output_r, False)
        try:
            left = self.output.limit * 4
            while left > 0 and (data := os.read(self._output_r, _CHUNK)):
                self.output.add(data)
                left -= len(data)
        except BlockingIOError:
            return

    def _ended(self) -> int:
        received = protocol.receive(self._answer)
        if received is None:
            raise NodeLost(f"{self.node}: the node ended while a command ran", "Reset")
        answer = received[0]
        if "unknown" in answer:
            raise BackendError(
                f'there is no node "{self.node}"; nodes: {", ".join(answer["unknown"])}'
            )
        if "lost" in answer:
            raise NodeLost(f"{self.node}: the node has ended ({answer['lost']})", "Reset")
        if "error" in answer:
            self.output.add(f"{answer['error']}\n".encode())
            return 127 if answer["errno"] == 2 else 126
        code: int = answer["exit"]
        return 128 - code if code < 0 else code


def _milliseconds(*deadlines: float | None) -> float | None:
    waits = [deadline - time.monotonic() for deadline in deadlines if deadline is not None]
    return max(0.0, min(waits)) * 1000 + 1 if waits else None
