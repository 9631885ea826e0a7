"""Waits until files are written, made or removed; see inotify(7)."""

import ctypes
import os
import select
import struct
from collections.abc import Iterable

_IN_CLOSE_WRITE, _IN_MOVED_TO = 0x8, 0x80
_IN_CREATE, _IN_DELETE = 0x100, 0x200
_HEAD = struct.Struct("=iIII")


class Written:
    """Watches directories for files that are written, or renamed over others.

    :param directories: the directories, without their subdirectories.
    :param others: whether files that are made or removed count as well.
    :raises OSError: one can't be watched.
    """

    def __init__(self, directories: Iterable[str], others: bool = False) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = _checked(libc.inotify_init1(os.O_CLOEXEC), "inotify_init1")
        self._woken = os.eventfd(0)
        for each in directories:
            mask = _IN_CLOSE_WRITE | _IN_MOVED_TO | (_IN_CREATE | _IN_DELETE if others else 0)
            _checked(libc.inotify_add_watch(self._fd, os.fsencode(each), mask), each)

    def wait(self) -> set[str]:
        """Wait until files were written; returns their names, an empty one for a directory that is
        no longer there, and after :meth:`wake`."""
        ready, _, _ = select.select([self._fd, self._woken], [], [])
        names = {""} if self._woken in ready else set[str]()
        data = os.read(self._fd, 1 << 16) if self._fd in ready else b""
        while data:
            *_, length = _HEAD.unpack_from(data)
            end = _HEAD.size + length
            names.add(os.fsdecode(data[_HEAD.size : end].rstrip(b"\0")))
            data = data[end:]
        return names

    def settle(self, seconds: float) -> set[str]:
        """Wait until nothing was written for so long; returns the names of what was, meanwhile."""
        names = set[str]()
        while select.select([self._fd], [], [], seconds)[0]:
            names |= self.wait()
        return names

    def wake(self) -> None:
        """End the wait, of another thread, and each later one."""
        os.eventfd_write(self._woken, 1)

    def close(self) -> None:
        """End the watch."""
        os.close(self._fd)
        os.close(self._woken)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result
