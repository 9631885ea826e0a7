"""A connection to a running supervisor: requests, commands with live output, terminals."""

import fcntl
import os
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labkernel.backends.namespaces import processes, protocol, rundir
from labkernel.backends.output import Bounded
from labkernel.command import Command, OnOutput, Result, require_command
from labkernel.errors import BackendError, Busy, NodeLost

_CHUNK = 65536
#: seconds in which a supervisor answers, also on a busy machine; in which a lab with VMs, which
#: somebody else starts, is ready; and in which an agent tells how a command ended that was killed
_ANSWER, _READY, _KILLED = 10.0, 180.0, 10.0
#: the same of a lab that is being started: of a thousand nodes that takes half a minute
_START = 60.0
#: seconds after which nobody waits any longer for one that stands still, as after SIGSTOP
_SOON = 1.5
#: nothing of a file in memory changes any more
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
_TIMEVAL = struct.Struct("@ll")
#: seconds between the polite signal and the one that can't be refused
GRACE = 2.0


class Connection:
    """A connection to the supervisor of a lab; closed by :meth:`close` or with the process.

    :param pid: the supervisor's, where it is known.
    """

    def __init__(self, sock: socket.socket, pid: int = 0) -> None:
        self._sock = sock
        self._pid = pid
        wait = _TIMEVAL.pack(int(_ANSWER), 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
        self._turn = -1
        self._running: set[_Running] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of it; commands that still run are ended by their node."""
        self._sock.close()
        if self._turn >= 0:
            os.close(self._turn)
            self._turn = -1

    @contextmanager
    def turn(self, instance: str) -> Iterator[None]:
        """Have a turn: nobody else has one meanwhile.

        :raises BackendError: another process has it.
        """
        if self._turn < 0:
            given = self.fetch("turn", "")
            # opened anew: a lock belongs to what was opened, and that the supervisor has given all
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
            if self._turn == turn:  # else the lab has ended meanwhile
                fcntl.flock(turn, fcntl.LOCK_UN)

    def hung_up(self) -> bool:
        """Whether the supervisor has let go of it: it has ended, or is about to."""
        poll = select.poll()
        poll.register(self._sock, 0)
        return bool(poll.poll(0))

    def ask(self, op: str, *, within: float = _ANSWER, **fields: Any) -> protocol.Message:
        """A request and its answer.

        :param within: seconds.
        :raises NodeLost: the supervisor has ended.
        :raises NoAnswer: it does not answer.
        :raises BackendError: it does not know the request.
        """
        with self._request({"op": op, **fields}, ()) as answer:
            return self._received(answer, within)[0]

    def _received(self, answer: socket.socket, within: float) -> tuple[protocol.Message, list[int]]:
        until, left = time.monotonic() + within, within
        while not protocol.readable(answer.fileno(), min(left, _SOON)):
            left = until - time.monotonic()
            if left <= 0 or processes.stands_still(self._pid):
                raise self._silent()
        received = protocol.receive(answer)
        if received is None:
            raise NodeLost("the lab has ended", "start it again")
        if "error" in received[0] and "errno" not in received[0]:  # as an agent says it
            raise BackendError(
                "the lab was started by another version of labkernel, and does not "
                f"understand this one ({received[0]['error']})",
                "labkernel down, and start it again",
            )
        return received

    def _silent(self) -> rundir.NoAnswer:
        who = f"process {self._pid}" if self._pid else "its supervisor"
        how = "stands still" if processes.stands_still(self._pid) else "is very busy, or hangs"
        return rundir.NoAnswer(
            f"the lab does not answer ({who} {how})",
            "labkernel status, and labkernel down, which ends it all the same",
        )

    def join(self) -> protocol.Message:
        """What the lab is, once it is ready.

        :raises NodeLost: it has ended, or who was starting it has.
        :raises NoAnswer: it does not answer.
        :raises BackendError: it was started by another version.
        """
        told = self.ask("describe", within=_START)
        if (theirs := told.get("protocol", 1)) != protocol.VERSION:
            raise BackendError(
                "the lab was started by another version of labkernel (it speaks version "
                f"{theirs} of the protocol, and this one {protocol.VERSION})",
                f"labkernel down {told.get('instance', '')}, and start it again",
            )
        return self.ask("join", within=_READY)

    def fetch(self, op: str, node: str) -> int:
        """A descriptor of a VM node: a connection to it, its control channel, or its console.

        :raises NodeLost: the supervisor or the node has ended.
        """
        with self._request({"op": op, "node": node}, ()) as answer:
            told, fds = self._received(answer, _ANSWER)
        if not fds:
            raise NodeLost(f"{node}: the node has ended ({told.get('lost')})", "Reset")
        return fds[0]

    @contextmanager
    def _request(self, message: protocol.Message, fds: tuple[int, ...]) -> Iterator[socket.socket]:
        mine, theirs = protocol.pair()
        with mine, theirs:
            try:
                protocol.send(self._sock, message, (*fds, theirs.fileno()))
            except protocol.TooLong as error:
                raise BackendError(f"the command is too long: {error}") from None
            except BlockingIOError:
                raise self._silent() from None
            except (BrokenPipeError, ConnectionError) as error:
                raise NodeLost(f"the lab has ended ({error.strerror})", "start it again") from None
            except OSError as error:
                raise BackendError(
                    f"the lab can't be asked: {error.strerror}. A program of yours, or a node "
                    "of a lab, has used up what this user may have",
                    "labkernel status, and labkernel down for a lab that floods",
                ) from None
            theirs.close()
            yield mine

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
                running = _Running(node, answer, output_r, Bounded(on_output))
                with self._tracked(running):
                    code, timed_out = running.wait(timeout)
        finally:
            for fd in (output_r, source, output_w):
                if fd >= 0:
                    os.close(fd)
        seconds = time.perf_counter() - started
        kept = running.output
        return Result(node, text, code, kept.text(), seconds, timed_out, kept.left_out)

    @contextmanager
    def _tracked(self, running: "_Running") -> Iterator[None]:
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

        :returns: the terminal's master side, and the socket that tells the exit code.
        """
        with self._request({"op": "terminal", "node": node, "term": term}, ()) as answer:
            return self._handed(node, "a terminal", answer), answer.dup()

    def _handed(self, node: str, what: str, answer: socket.socket) -> int:
        """The descriptor with which an agent answers.

        :raises BackendError: it could not be had.
        """
        told, fds = self._received(answer, _ANSWER)
        if fds:
            return fds[0]
        if "errno" in told:
            raise BackendError(f"{node}: {what} could not be started: {told['error']}")
        why = told.get("lost", "there is no such node")
        raise NodeLost(f"{node}: {what} could not be started ({why})", "Reset")


class _Dialled(socket.socket):
    """A socket to a command; the agent ends the command when both are gone."""

    def __init__(self, fd: int, answer: socket.socket) -> None:
        super().__init__(fileno=fd)
        # closed with this object, and not before: whoever reads may still hold on to it
        self._answer = answer.dup()


class _Running:
    """A command that runs: reads its output, waits for its end, passes signals on."""

    def __init__(self, node: str, answer: socket.socket, output_r: int, output: Bounded) -> None:
        self.node = node
        self.output = output
        self._answer = answer
        self._output_r = output_r
        self._wake_r, self._wake_w = os.pipe()
        self._kill_at: float | None = None
        self._give_up_at: float | None = None

    def interrupt(self) -> None:
        """From any thread: SIGINT now, and SIGKILL if it still runs after a grace time."""
        os.write(self._wake_w, b"i")

    def wait(self, timeout: float | None) -> tuple[int, bool]:
        """Its exit code, and whether it took longer than `timeout` seconds."""
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
                    raise NodeLost(
                        f"{self.node}: the node does not answer: its command was killed, and "
                        "nothing says that it has ended",
                        "Reset",
                    )
        finally:
            self.output.close()

    def close(self) -> None:
        """Let go of its descriptors, once nobody can interrupt it any more."""
        os.close(self._wake_r)
        os.close(self._wake_w)

    def _signal(self, number: signal.Signals) -> None:
        if number != signal.SIGKILL and self._kill_at is None and self._give_up_at is None:
            self._kill_at = time.monotonic() + GRACE  # who asks again does not put it off
        try:
            protocol.send(self._answer, {"signal": int(number)}, flags=socket.MSG_DONTWAIT)
        except OSError:
            # it has ended at this moment: the answer is on its way
            return

    def _read(self) -> bool:
        data = os.read(self._output_r, _CHUNK)
        self.output.add(data)
        return bool(data)

    def _drain(self) -> None:
        """What the command wrote before it ended; what it left in the background writes on, and is
        not waited for."""
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


def _readable(data: bytes) -> int:
    """A descriptor to read the bytes from."""
    if not data:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "wb") as file:
        file.write(data)
        file.flush()
        # a node could make it as large as it likes, and open it anew for that
        fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, _SEALS)
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
