"""The available memory of the machine and of this process's control groups (cgroups(7), versions 1
and 2), which limit a container.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

_MEMINFO, _MINE = Path("/proc/meminfo"), Path("/proc/self/cgroup")
_MOUNTS = Path("/sys/fs/cgroup")
_PROCESSES = Path("/proc")
#: by version: the groups' directory, the files of limit and usage, and the field of memory.stat for
#: cache that can be reclaimed
_VERSIONS = {
    "": ("", "memory.max", "memory.current", "inactive_file"),
    "memory": ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
#: the value of version 1 without a limit: the largest number of whole pages
_UNBOUNDED = 1 << 62


def available() -> int:
    """The available memory in bytes; sys.maxsize if the kernel does not report it."""
    of_machine = _meminfo().get("MemAvailable", sys.maxsize)
    return max(0, min([of_machine, *(limit - used for limit, used in _groups())]))


def total() -> int:
    """The total memory in bytes: that of the machine, or the smallest limit of a group."""
    of_machine = _meminfo().get("MemTotal", sys.maxsize)
    return min([of_machine, *(limit for limit, _ in _groups())])


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    below: defaultdict[int, list[int]] = defaultdict(list)
    for path in _PROCESSES.glob("[0-9]*/stat"):
        fields = _read(path).rpartition(") ")[2].split()
        if len(fields) > 1:
            below[int(fields[1])].append(int(path.parent.name))
    found = [pid]
    for each in found:
        found += below[each]
    return found


def of_processes(pids: Iterable[int]) -> int:
    """The memory in bytes of processes: what several share counts once (Pss); 0 if the kernel does
    not report it."""
    return sum(map(_proportional, pids))


def _proportional(pid: int) -> int:
    for line in _read(_PROCESSES / str(pid) / "smaps_rollup").splitlines():
        name, _, size = line.partition(":")
        if name == "Pss":
            return int(size.split()[0]) * 1024
    return 0


def _meminfo() -> dict[str, int]:
    lines = (line.split() for line in _read(_MEMINFO).splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) > 1}


def _groups() -> Iterator[tuple[int, int]]:
    """The limit and usage, in bytes, of each of this process's groups that has a limit."""
    for line in _read(_MINE).splitlines():
        _, names, path = line.split(":", 2)
        for name in {*names.split(",")} & _VERSIONS.keys():
            directory, limit, used, cache = _VERSIONS[name]
            for group in _upwards(_MOUNTS / directory, path):
                bound = _number(group / limit)
                if bound is not None and bound < _UNBOUNDED:
                    yield bound, _used(group, used, cache)


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """A group and its ancestors; in a container the path may lead out of the mounted hierarchy."""
    parts = [part for part in path.split("/") if part and part != ".."]
    for number in range(len(parts), -1, -1):
        yield mount.joinpath(*parts[:number])


def _used(group: Path, used: str, cache: str) -> int:
    reclaimable = 0
    for line in _read(group / "memory.stat").splitlines():
        name, _, number = line.partition(" ")
        if name == cache:
            reclaimable = int(number)
    return max(0, (_number(group / used) or 0) - reclaimable)


def _number(path: Path) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdigit() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:  # another kernel, or no such group here
        return ""
