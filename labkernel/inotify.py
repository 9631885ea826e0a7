"""Waits until files are written; see inotify(7)."""

import ctypes
import os
import struct
from collections.abc import Iterable

_IN_CLOSE_WRITE, _IN_MOVED_TO = 0x8, 0x80
_HEAD = struct.Struct("=iIII")


class Written:
    """Watches directories for files that are written, or renamed over others.

    :param directories: the directories, without their subdirectories.
    :raises OSError: one can't be watched.
    """

    def __init__(self, directories: Iterable[str]) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = _checked(libc.inotify_init1(os.O_CLOEXEC), "inotify_init1")
        for each in directories:
            mask = _IN_CLOSE_WRITE | _IN_MOVED_TO
            _checked(libc.inotify_add_watch(self._fd, os.fsencode(each), mask), each)

    def wait(self) -> set[str]:
        """Wait until files were written; returns their names."""
        data, names = os.read(self._fd, 1 << 16), set()
        while data:
            *_, length = _HEAD.unpack_from(data)
            end = _HEAD.size + length
            names.add(os.fsdecode(data[_HEAD.size : end].rstrip(b"\0")))
            data = data[end:]
        return names


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result
