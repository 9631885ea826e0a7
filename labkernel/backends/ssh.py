"""Commands on a machine that is reached by SSH: what every backend of machines shares.

A command does not run in the session itself but under a *runner*, a few lines of bash that the
session starts with: so both streams stay in order, what the command leaves in the background is not
waited for, signals reach its whole process group, and it ends when the connection does.  A session
serves command after command, until one leaves something in the background that could write into
the output of the next: making a session takes a machine ten times as long as a command.
"""

import contextlib
import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from labkernel.backends.output import Bounded
from labkernel.command import Command, OnOutput, Result, require_command
from labkernel.errors import BackendError, NodeLost

if TYPE_CHECKING:
    from paramiko import Channel, PKey, Transport

#: seconds between the polite signal and the one that can't be refused
GRACE = 2.0
#: seconds within which a machine that works starts a command
_START = 60.0
#: seconds between two looks at whether a command was interrupted; and those in which one that was
#: killed ends
_LOOK, _KILLED = 2.0, 10.0
_CHUNK = 1 << 16
_LONGEST_COMMAND = 200_000  # bytes, as in namespaces

# Reads: a line with the mark, the number of words and of bytes; the words, each with a NUL; the
# bytes of standard input; then names of signals.  Writes: the mark when it starts the command, what
# the command prints, the mark again with the exit code and whether it takes another command (what
# else then comes is a signal that was too late).  `set -m`: a process group of its own.
_RUNNER = r"""
exec 2>/dev/null
set -m
unset SSH_CONNECTION SSH_TTY
export LANG=C.UTF-8 TERM=dumb SHELL=/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
while IFS=' ' read -r mark count size; do
    [ "$size" ] || continue
    mapfile -d '' -n "$count" -t words
    input=/dev/null
    ((size)) && input=$(mktemp) && head -c "$size" >"$input"
    exec 3<"$input"
    ((size)) && rm "$input"
    printf '%s start\n' "$mark"
    exec "${words[@]}" <&3 3<&- 2>&1 &
    job=$!
    exec 3<&-
    {
        while read -r signal; do kill -s "$signal" -- "-$job"; done
        kill -s KILL -- "-$job"
    } >/dev/null &
    ears=$!
    wait -f "$job"
    code=$?
    kill -s KILL -- "-$ears"
    wait "$ears"
    kill -s 0 -- "-$job" && more=0 || more=1
    printf '%s %s %s\n' "$mark" "$code" "$more"
    ((more)) || break
done
while read -r _; do :; done
"""
_START_RUNNER = "unset SSH_CLIENT SSH2_CLIENT; exec bash -c '{}'".format(
    _RUNNER.replace("'", r"'\''")
)


@dataclass(frozen=True)
class Login:
    """How to come into a machine, and how it proves that it is the one.

    :param key: the private key that logs in.
    :param host_key: the machine's key; of a private one only the public half is looked at.
    :param user: who logs in.
    """

    key: "PKey"
    host_key: "PKey"
    user: str = "root"


class Machine:
    """A machine that takes commands by SSH; connected when it is first needed, or by `connect`.

    :param name: the node's.
    :param open_socket: makes a connection to its SSH server.
    """

    def __init__(self, name: str, login: Login, open_socket: Callable[[], socket.socket]) -> None:
        self.name = name
        self._login = login
        self._open_socket = open_socket
        self._transports: list[Transport] = []
        self._idle: list[Channel] = []
        self._running: set[_Running] = set()
        self._lock = threading.Lock()

    def connect(self, within: float = 30.0) -> None:
        """Have the machine prove who it is, and log in.

        :param within: seconds for each of the steps of this.
        :raises OSError: nobody answers, or not yet.
        :raises NodeLost: another machine answers, or it does not let us in.
        """
        transport = _connected(self.name, self._login, self._open_socket(), within)
        with self._lock:
            self._transports.append(transport)
        session = self._session()
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
        request = _encoded(words)
        started = time.perf_counter()
        running = self._start(request, stdin, Bounded(on_output))
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
        return Result(self.name, text, code, kept.text(), seconds, timed_out, kept.left_out)

    def _start(self, request: bytes, stdin: bytes, output: Bounded) -> "_Running":
        for channel in self._sessions():
            running = _Running(self.name, channel, output)
            if running.start(request, len(stdin)):
                with self._lock:
                    self._running.add(running)
                running.feed(stdin)
                return running
            channel.close()
        raise NodeLost(f"{self.name}: the connection has ended", "Reset")

    def _sessions(self) -> Iterator["Channel"]:
        """Those that wait for a command, which may have ended since, and then a new one."""
        while True:
            with self._lock:
                session = self._idle.pop() if self._idle else None
            if session is None:
                break
            yield session
        yield self._session()

    def _session(self) -> "Channel":
        """A new session; a server that allows no more on one connection gets another one."""
        from paramiko import ChannelException, SSHException

        with self._lock:
            transports = list(self._transports)
        for transport in transports:
            try:
                channel = transport.open_session(timeout=_START)
                channel.exec_command(_START_RUNNER)
                return channel
            except ChannelException:
                continue
            except (SSHException, EOFError, OSError):
                with self._lock:
                    if transport in self._transports:
                        self._transports.remove(transport)
        try:
            transport = _connected(self.name, self._login, self._open_socket(), _START)
            with self._lock:
                self._transports.append(transport)
            channel = transport.open_session(timeout=_START)
            channel.exec_command(_START_RUNNER)
            return channel
        except (SSHException, EOFError, OSError) as error:
            raise NodeLost(f"{self.name}: it takes no commands ({error})", "Reset") from None

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
            transport = _connected(self.name, self._login, self._open_socket(), _START)
            with self._lock:
                self._transports.append(transport)
            channel = transport.open_session(timeout=_START)
            channel.get_pty(term, columns, rows)
            channel.invoke_shell()
        except (SSHException, EOFError, OSError) as error:
            raise NodeLost(f"{self.name}: no terminal could be opened ({error})") from None
        return channel

    def close(self) -> None:
        """Let go of it; commands that still run are ended."""
        with self._lock:
            transports, self._transports, self._idle = self._transports, [], []
        for transport in transports:
            transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Running:
    """A command that runs in a session."""

    def __init__(self, node: str, channel: "Channel", output: Bounded) -> None:
        self.output = output
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
        self._channel.settimeout(_START)  # a machine that stands still takes nothing
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
            raise NodeLost(
                f"{self._node}: the node does not answer: its command was killed, and "
                "nothing says that it has ended",
                "Reset",
            )

    def _await_start(self) -> None:
        wanted = self._mark + b" start\n"
        while not self._held.startswith(wanted):
            try:
                self._receive(_START)
            except TimeoutError:
                raise NodeLost(
                    f"{self._node}: it has not started a command within {_START:g} s", "Reset"
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
    """How many bytes at the end of a text may be the beginning of the mark."""
    longest = min(len(text), len(mark) - 1)
    return next((n for n in range(longest, 0, -1) if mark.startswith(text[-n:])), 0)


def _encoded(words: Sequence[str]) -> bytes:
    data = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)
    if len(data) > _LONGEST_COMMAND:
        raise BackendError(
            f"the command is too long: {len(data)} bytes; the longest is {_LONGEST_COMMAND}"
        )
    return data


def _connected(name: str, login: Login, sock: socket.socket, within: float) -> "Transport":
    """A connection that is logged in.

    :raises OSError: there is no SSH server, or none yet.
    :raises NodeLost: it is another machine, or it does not let us in.
    """
    from paramiko import AuthenticationException, SSHException, Transport

    # what it logs is raised as well: without a handler it would be printed, too
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    sock.settimeout(within)
    _send_at_once(sock)
    transport = Transport(sock)
    transport.daemon = True
    transport.banner_timeout = transport.auth_timeout = within
    try:
        transport.start_client(timeout=within)
        if transport.get_remote_server_key().asbytes() != login.host_key.asbytes():
            raise NodeLost(f"{name}: another machine answers on its SSH port", "Reset")
        transport.auth_publickey(login.user, login.key)
    except AuthenticationException:
        transport.close()
        raise NodeLost(f"{name}: it does not let {login.user} in with this lab's key") from None
    except (SSHException, EOFError) as error:
        transport.close()
        raise ConnectionError(str(error) or "it hung up") from None
    except BaseException:
        transport.close()
        raise
    return transport


def _send_at_once(sock: socket.socket) -> None:
    """Without TCP_NODELAY a command takes 48 ms where it could take 6."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
