"""The channel to a running supervisor: requests, replies, and the diagnosis of a missing reply."""

import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labkernel.backends.namespaces import processes, protocol, rundir
from labkernel.errors import BackendError, NodeLost

#: seconds until a supervisor answers, also on a busy machine; and until a lab with VMs, which
#: another process starts, is ready
_ANSWER, _READY = 10.0, 180.0
#: seconds until a lab that is being started answers: a thousand nodes take half a minute
_START = 60.0
#: seconds until a supervisor that is stopped, as by SIGSTOP, is given up
_SOON = 1.5
_TIMEVAL = struct.Struct("@ll")


class Channel:
    """Sends requests to the supervisor of a lab.

    :param pid: the supervisor's process id; 0 if unknown.
    """

    def __init__(self, sock: socket.socket, pid: int = 0) -> None:
        self._sock = sock
        self._pid = pid
        wait = _TIMEVAL.pack(int(_ANSWER), 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)

    def close(self) -> None:
        """Close the channel."""
        self._sock.close()

    def hung_up(self) -> bool:
        """Check if the supervisor has closed the channel: it has ended, or is about to."""
        poll = select.poll()
        poll.register(self._sock, 0)
        return bool(poll.poll(0))

    def ask(self, op: str, *, within: float = _ANSWER, **fields: Any) -> protocol.Message:
        """Send a request; returns the reply.

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
        """Wait until the lab is ready; returns its description.

        :raises NodeLost: it, or the process that was starting it, has ended.
        :raises NoAnswer: it does not answer.
        :raises BackendError: it was started by another version.
        """
        lab = self.ask("describe", within=_START)
        if (theirs := lab.get("protocol", 1)) != protocol.VERSION:
            raise BackendError(
                "the lab was started by another version of labkernel (it speaks version "
                f"{theirs} of the protocol, and this one {protocol.VERSION})",
                f"labkernel down {lab.get('instance', '')}, and start it again",
            )
        return self.ask("join", within=_READY)

    def fetch(self, op: str, node: str) -> int:
        """A descriptor of a VM node: a connection to it, its control channel, or its console.

        :raises NodeLost: the supervisor or the node has ended.
        """
        with self._request({"op": op, "node": node}, ()) as answer:
            reply, fds = self._received(answer, _ANSWER)
        if not fds:
            raise NodeLost(f"{node}: the node has ended ({reply.get('lost')})", "Reset")
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

    def _handed(self, node: str, what: str, answer: socket.socket) -> int:
        """Receive the descriptor in an agent's reply.

        :raises BackendError: the reply has none, with the reason.
        """
        reply, fds = self._received(answer, _ANSWER)
        if fds:
            return fds[0]
        if "errno" in reply:
            raise BackendError(f"{node}: {what} could not be started: {reply['error']}")
        why = reply.get("lost", "there is no such node")
        raise NodeLost(f"{node}: {what} could not be started ({why})", "Reset")
