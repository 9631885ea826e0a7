"""The memory that a running lab uses: its processes, and its nodes' files, which are in memory."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from labkernel import memory


def memory_of(supervisor: int) -> int:
    """The memory in bytes of the lab of a supervisor; 0 if it has ended."""
    processes = memory.tree(supervisor)
    files: dict[str, int] = {}
    for pid in processes:
        files |= _files(pid)
    return memory.of_processes(processes) + sum(files.values())


def _files(pid: int) -> dict[str, int]:
    """The bytes in the file systems in memory that a process sees, by device: a node's root is an
    overlay whose upper directory is in a tmpfs, and an overlay reports the usage of that."""
    used = {}
    for device, mountpoint in _mounts(pid):
        with suppress(OSError):  # it has ended, or the path is below another mount
            found = os.statvfs(f"/proc/{pid}/root{mountpoint}")
            used[device] = (found.f_blocks - found.f_bfree) * found.f_frsize
    return used


def _mounts(pid: int) -> Iterator[tuple[str, str]]:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
            _, _, device, root, mountpoint, *rest = line.split(" ")
            kind = rest[rest.index("-") + 1]
            if root == "/" and (kind == "tmpfs" or (kind == "overlay" and mountpoint == "/")):
                yield device, mountpoint
