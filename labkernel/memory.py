"""How much memory can be used now: of the machine, and of the control groups that bound this
process, as those of a container do (cgroups(7), versions 1 and 2).
"""

import sys
from collections.abc import Iterator
from pathlib import Path

_MEMINFO, _MINE = Path("/proc/meminfo"), Path("/proc/self/cgroup")
_MOUNTS = Path("/sys/fs/cgroup")
#: of both versions: where groups are, the limit's file, the usage's, and what of that in
#: memory.stat is a cache that gives way
_VERSIONS = {
    "": ("", "memory.max", "memory.current", "inactive_file"),
    "memory": ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
#: version 1 says so where there is no limit: the largest number of whole pages
_UNBOUNDED = 1 << 62


def available() -> int:
    """The bytes that could be used now; without end where the kernel does not say."""
    of_machine = _meminfo().get("MemAvailable", sys.maxsize)
    return max(0, min([of_machine, *(limit - used for limit, used in _groups())]))


def total() -> int:
    """The bytes that there are, used or not: no more than the groups' limits."""
    of_machine = _meminfo().get("MemTotal", sys.maxsize)
    return min([of_machine, *(limit for limit, _ in _groups())])


def _meminfo() -> dict[str, int]:
    lines = (line.split() for line in _read(_MEMINFO).splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) > 1}


def _groups() -> Iterator[tuple[int, int]]:
    """Limit and use, in bytes, of each group with a limit that this process is in."""
    for line in _read(_MINE).splitlines():
        _, names, path = line.split(":", 2)
        for name in {*names.split(",")} & _VERSIONS.keys():
            place, limit, used, cache = _VERSIONS[name]
            for group in _upwards(_MOUNTS / place, path):
                bound = _number(group / limit)
                if bound is not None and bound < _UNBOUNDED:
                    yield bound, _used(group, used, cache)


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """A group and those above it; in a container the path may lead out of what is mounted there."""
    parts = [part for part in path.split("/") if part and part != ".."]
    for number in range(len(parts), -1, -1):
        yield mount.joinpath(*parts[:number])


def _used(group: Path, used: str, cache: str) -> int:
    gives_way = 0
    for line in _read(group / "memory.stat").splitlines():
        name, _, number = line.partition(" ")
        if name == cache:
            gives_way = int(number)
    return max(0, (_number(group / used) or 0) - gives_way)


def _number(path: Path) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdigit() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:  # another kernel, or no such group here
        return ""
