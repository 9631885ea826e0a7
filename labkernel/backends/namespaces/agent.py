"""PID 1 of a node: starts commands, reports their end, reaps orphaned processes.

Standard library alone: see supervisor.py.
"""

import errno
import fcntl
import os
import selectors
import signal
import socket
import termios
from typing import Any

from labkernel.backends.namespaces import protocol

#: the supervisor takes it on before it forks: posix_spawnp looks commands up in its own PATH
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/bash",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
}


class Agent:
    """PID 1 of a node: starts commands, reports their end, reaps orphaned processes."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._selector = selectors.DefaultSelector()
        self._callers: dict[int, socket.socket] = {}
        self._children_r, children_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(children_w, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Serve requests until the supervisor ends."""
        self._selector.register(self._channel, selectors.EVENT_READ, self._take)
        self._selector.register(self._children_r, selectors.EVENT_READ, self._reap)
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _take(self) -> None:
        try:
            received = protocol.receive(self._channel)
        except protocol.Malformed:
            return
        if received is None:
            os._exit(0)
        message, fds = received
        if not fds:
            return  # no socket to answer on
        try:
            caller = socket.socket(fileno=fds[-1])
        except OSError:
            protocol.close_all(fds)
            return  # it is no socket
        fds.pop()
        try:
            self._begin(message, fds, caller)
        except Exception as error:
            # no request may end this process: it ends with its node
            _tell(caller, _refusal(message, error))
            caller.close()
        finally:
            protocol.close_all(fds)

    def _begin(self, message: dict[str, Any], fds: list[int], caller: socket.socket) -> None:
        pid = self._start(message, fds, caller)
        try:
            self._selector.register(caller, selectors.EVENT_READ, lambda: self._hear(pid, caller))
        except OSError:  # there is no room for another watch
            os.killpg(pid, signal.SIGKILL)
            raise
        self._callers[pid] = caller

    def _start(self, message: dict[str, Any], fds: list[int], caller: socket.socket) -> int:
        if message["op"] == "terminal":
            return _start_terminal(message, caller)
        if message["op"] == "speak":
            return _speak(message["argv"], caller)
        stdin, output = fds
        return _spawn(message["argv"], stdin, output)

    def _hear(self, pid: int, caller: socket.socket) -> None:
        """Receive a signal for a command from its caller, or the caller's end."""
        if self._callers.get(pid) is not caller:
            # its command was reaped since the selector looked: the answer is on its way
            return
        try:
            received = protocol.receive(caller)
        except (protocol.Malformed, OSError):
            return
        number = received[0].get("signal") if received else signal.SIGKILL
        if received is None:
            self._forget(pid)
        if not isinstance(number, int) or not 0 < number < signal.NSIG:
            return
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return

    def _forget(self, pid: int) -> None:
        caller = self._callers.pop(pid)
        self._selector.unregister(caller)
        caller.close()

    def _reap(self) -> None:
        os.read(self._children_r, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if caller := self._callers.get(pid):
                _tell(caller, {"exit": os.waitstatus_to_exitcode(status)})
                self._forget(pid)


def _spawn(argv: list[str], stdin: int, output: int) -> int:
    actions = [
        (os.POSIX_SPAWN_DUP2, stdin, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, output, 2),
    ]
    return os.posix_spawnp(
        argv[0],
        argv,
        ENVIRONMENT,
        file_actions=actions,
        setsid=True,
        setsigdef=(signal.SIGPIPE, signal.SIGCHLD),
        setsigmask=(),
    )


def _speak(argv: list[str], caller: socket.socket) -> int:
    """Start a command on one end of a socket pair, and send the other.  The pair is made here: a
    socket belongs to the network namespace in which it was made."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        pid = _spawn(argv, theirs.fileno(), theirs.fileno())
        try:
            protocol.send(caller, {"speaks": True}, [mine.fileno()], socket.MSG_DONTWAIT)
        except OSError:  # the caller has ended
            os.killpg(pid, signal.SIGKILL)
            raise
    return pid


def _start_terminal(message: dict[str, Any], caller: socket.socket) -> int:
    """Start a login shell on a pseudo-terminal of the node, and send the terminal's descriptor."""
    term = str(message.get("term", "dumb"))
    master, slave = os.openpty()
    try:
        pid = os.fork()
        if pid == 0:
            _become_shell(slave, term)
        protocol.send(caller, {"terminal": True}, [master], socket.MSG_DONTWAIT)
        return pid
    finally:
        os.close(master)
        os.close(slave)


def _become_shell(slave: int, term: str) -> None:
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.execve("/bin/bash", ["-bash"], ENVIRONMENT | {"TERM": term})
    finally:
        os._exit(127)


def _refusal(message: dict[str, Any], error: Exception) -> dict[str, Any]:
    """The reply to a request that failed."""
    argv = message.get("argv")
    name = argv[0] if isinstance(argv, list) and argv else "a terminal"
    if isinstance(error, OSError):
        return {"error": f"{name}: {error.strerror}", "errno": error.errno}
    return {"error": f"{name!r} can't be run: {error}", "errno": errno.EINVAL}


def _tell(caller: socket.socket, message: dict[str, Any]) -> None:
    try:
        protocol.send(caller, message, flags=socket.MSG_DONTWAIT)
    except (OSError, ValueError):
        # the caller has ended, or the reply can't be encoded
        return
