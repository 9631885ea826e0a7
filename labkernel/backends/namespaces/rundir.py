"""The user's runtime directory: one socket per running lab, and nothing else.

Standard library alone: see supervisor.py.
"""

import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from labkernel.backends.namespaces.processes import start_time
from labkernel.errors import BackendError

#: the size of sun_path in unix(7), with the terminating zero
_LONGEST_PATH = 107


class NoAnswer(BackendError):
    """A running lab does not answer."""


@dataclass(frozen=True)
class Socket:
    """The socket of a lab, which may have ended.

    :param instance: the name of the running lab.
    :param pid: the supervisor's process id; 0 if the name does not contain it.
    :param started: the supervisor's start time, in the kernel's ticks, by which a later process
        with the same id is distinguished.
    """

    path: str
    instance: str
    pid: int = 0
    started: int = 0

    def supervisor(self) -> int | None:
        """A pidfd of its supervisor; None if that has ended."""
        try:
            pidfd = os.pidfd_open(self.pid)
        except (ProcessLookupError, ValueError, OSError):
            return None
        if start_time(self.pid) == self.started:
            return pidfd
        os.close(pidfd)
        return None


def directory() -> str:
    """$XDG_RUNTIME_DIR/labkernel, or a directory in the cache if that is not this user's.

    It is made with mode 0700.

    :raises BackendError: it belongs to another user, or other users can enter it.
    """
    path = os.path.join(_base(), "labkernel")
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except FileExistsError:
        pass  # the existing file is checked below
    except OSError as error:
        raise _not_made(path, str(error.strerror)) from None
    _require_private(path)
    return path


def require() -> None:
    """Require the directory, see :func:`directory`, without making it.

    :raises BackendError: it could not be made, or other users have access.
    """
    path = os.path.join(_base(), "labkernel")
    if os.path.lexists(path):
        return _require_private(path)
    above = os.path.dirname(path)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above) or not os.access(above, os.W_OK | os.X_OK):
        raise _not_made(path, f"{above} can't be written to")
    return None


def _not_made(path: str, why: str) -> BackendError:
    return BackendError(
        f"{path}, where the sockets of running labs go, can't be made: {why}",
        "XDG_RUNTIME_DIR=$(mktemp -d)",
    )


def _base() -> str:
    """The parent directory: not the runtime directory of sudo's caller, and not /tmp, where files
    would be left."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and os.path.isdir(given) and os.stat(given).st_uid == os.getuid():
        return os.path.abspath(given)  # the supervisor has another working directory
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(cache):  # as in labkernel/resources.py, which is not imported here
        cache = os.path.expanduser("~/.cache")
    return os.path.join(cache, "labkernel", "run")


def _require_private(path: str) -> None:
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise BackendError(
            f"{path} is not a directory of yours alone, so labkernel won't put its sockets there",
            "XDG_RUNTIME_DIR=$(mktemp -d)",
        )


def new_socket_path(instance: str, pid: int) -> str:
    """A path for the socket of a new lab, whose supervisor has this pid.

    Every start has a path of its own, so that the socket of an ended lab can be removed without a
    race with a new lab; and the path has the process id for a lab that does not answer.

    :raises BackendError: the path is longer than a socket's may be.
    """
    name = f"{instance}.{os.urandom(4).hex()}.{pid}-{start_time(pid)}.sock"
    path = os.path.join(directory(), name)
    if len(path.encode()) > _LONGEST_PATH:
        raise BackendError(
            f"{path} is too long for a socket ({_LONGEST_PATH} bytes at most)",
            "a shorter XDG_RUNTIME_DIR",
        )
    return path


def sockets(instance: str = "") -> list[Socket]:
    """The sockets of all labs, running or just ended, or of one, sorted by name.  Other files in
    the directory are ignored."""
    found = directory()
    listed = [_described(found, name) for name in sorted(os.listdir(found))]
    return [each for each in listed if each and instance in ("", each.instance)]


def _described(folder: str, name: str) -> Socket | None:
    path = os.path.join(folder, name)
    if not name.endswith(".sock") or not _is_socket(path):
        return None
    instance, *parts = name.removesuffix(".sock").split(".")
    pid, _, started = parts[-1].partition("-") if parts else ("", "", "")
    if pid.isdigit() and started.isdigit():
        return Socket(path, instance, int(pid), int(started))
    return Socket(path, instance)


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False  # it was removed meanwhile


@contextmanager
def locked() -> Iterator[None]:
    """Hold the directory's lock: a socket must not be taken for that of an ended lab between bind
    and listen.  The holder never waits."""
    fd = os.open(directory(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def connect(where: Socket) -> socket.socket | None:
    """Connect to a lab; remove its socket and return ``None`` if it has ended.

    The caller holds the lock.

    :raises NoAnswer: it accepts no further connection.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.setblocking(False)
    try:
        sock.connect(where.path)
    except (ConnectionRefusedError, FileNotFoundError):
        sock.close()
        remove(where.path)
        return None
    except OSError as error:
        sock.close()
        raise NoAnswer(
            f'lab "{where.instance}" takes no connection ({error.strerror})',
            f"labkernel down {where.instance}",
        ) from None
    sock.setblocking(True)
    return sock


def remove(path: str) -> None:
    """Remove a socket, if it exists."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
