"""The user's runtime directory: one socket per running lab, and nothing else.

Standard library alone: see supervisor.py.
"""

import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from labkernel.errors import BackendError

#: sun_path of unix(7), with the closing zero
_LONGEST_PATH = 107


def directory() -> str:
    """$XDG_RUNTIME_DIR/labkernel, or where that is not this user's, a directory in their cache.

    It is made with mode 0700.

    :raises BackendError: it belongs to someone else, or can be entered by others.
    """
    path = os.path.join(_base(), "labkernel")
    os.makedirs(path, mode=0o700, exist_ok=True)
    _require_private(path)
    return path


def _base() -> str:
    """Not the runtime directory of whoever called sudo; not /tmp, where it would stay."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and os.path.isdir(given) and os.stat(given).st_uid == os.getuid():
        return given
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "labkernel", "run")


def _require_private(path: str) -> None:
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise BackendError(
            f"{path} is not a directory of yours alone, so labkernel won't put its sockets there. "
            f"Try: XDG_RUNTIME_DIR=$(mktemp -d)"
        )


def new_socket_path(instance: str) -> str:
    """Where to put the socket of a lab that is about to start.

    No two starts share a path, so whoever finds that a lab has ended may remove its socket without
    asking whether another has taken its place.

    :raises BackendError: the path is longer than a socket's may be.
    """
    path = os.path.join(directory(), f"{instance}.{os.urandom(4).hex()}.sock")
    if len(path.encode()) > _LONGEST_PATH:
        raise BackendError(
            f"{path} is too long for a socket ({_LONGEST_PATH} bytes at most). "
            "Try: a shorter XDG_RUNTIME_DIR"
        )
    return path


def sockets() -> list[tuple[str, str]]:
    """Instance and socket of every lab, running or just ended, by name."""
    found = directory()
    names = sorted(name for name in os.listdir(found) if name.endswith(".sock"))
    return [(name.split(".")[0], os.path.join(found, name)) for name in names]


@contextmanager
def locked() -> Iterator[None]:
    """Hold the directory's lock: between making a socket and listening on it, nobody may take it
    for one whose lab has ended."""
    fd = os.open(directory(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def connect(path: str) -> socket.socket | None:
    """Connect to a lab; remove its socket and return ``None`` if it has ended.

    The caller holds the lock.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.connect(path)
    except (ConnectionRefusedError, FileNotFoundError):
        sock.close()
        remove(path)
        return None
    return sock


def remove(path: str) -> None:
    """Remove a socket that may have been removed already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
