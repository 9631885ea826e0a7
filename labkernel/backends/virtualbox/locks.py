"""Locks on files: they work without anything that Linux alone has."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from labkernel.backends.virtualbox.directories import directory
from labkernel.errors import BackendError


class Lock:
    """A file that one holds at a time; the system lets go of it when its holder ends.

    :param path: made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    def try_(self) -> bool:
        """Take it, unless somebody has it."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(fd)
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def take(self, within: float = 600.0) -> None:
        """Take it, once it is free.

        :raises BackendError: it is not, within so many seconds.
        """
        end = time.monotonic() + within
        while not self.try_():
            if time.monotonic() > end:
                raise BackendError(f"{self.path} is held by another labkernel for too long")
            time.sleep(0.02)  # Windows can't wait for a lock without an end either

    def release(self) -> None:
        """Let go of it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked(path: Path | None = None) -> Iterator[None]:
    """Hold a lock: by default the one on all labs."""
    lock = Lock(path or directory() / "lock")
    lock.take()
    try:
        yield
    finally:
        lock.release()
