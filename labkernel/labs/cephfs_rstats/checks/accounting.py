"""Checks of the mounted file system's statistics."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask
from labkernel.labs.cephfs_rstats.checks.mounting import ANSWER, mounted
from labkernel.labs.cephfs_rstats.commands.accounting import TIB
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


_LINE = re.compile(r"^(closed|fsync)-\d: ([\d.]+) s$", re.MULTILINE)


def read(output: str) -> dict[str, list[float]]:
    """Seconds of each measurement: of files that were closed, and of those synchronized."""
    found: dict[str, list[float]] = {"closed": [], "fsync": []}
    for how, seconds in _LINE.findall(output):
        found[how].append(float(seconds))
    return found


@looks_at()
def measured(attempt: "Attempt") -> str:
    """Statistics followed sooner after fsync than after close alone."""
    expected = "fsync to have the statistics follow sooner"
    found = read(attempt.output)
    if not all(found.values()):
        raise CheckFailed(expected, "not both were measured", "Run the step.")
    closed, synchronized = min(found["closed"]), min(found["fsync"])
    if synchronized >= closed:
        raise CheckFailed(expected, f"it took {synchronized:.2f} s, and {closed:.2f} s without")
    return "rbytes follow soon after fsync, and later where a file was only closed"


MIB = 1 << 20


def attribute(attempt: "Attempt", path: str, name: str) -> str:
    """An extended attribute below the mount; empty if it has none.

    :raises CheckFailed: nothing is mounted, or it does not answer.
    """
    words = ["getfattr", "--absolute-names", "--only-values", "-n", name, f"{MOUNT}/{path}"]
    found = attempt.run("admin", words, timeout=ANSWER)
    if not found.ok:
        mounted(attempt)
        return ""
    return found.output


def statistic(attempt: "Attempt", path: str, name: str) -> int:
    """A recursive statistic of a directory, such as ``rbytes``; 0 if it has none."""
    return int(attribute(attempt, path, f"ceph.dir.{name}") or 0)


def has(path: str, mib: int, files: int) -> "Check":
    """A directory has so much below it, by its own statistics."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = f"{MOUNT}/{path}: expected {mib} MiB in {files} files below it"
        if not attempt.run("admin", ["test", "-d", f"{MOUNT}/{path}"], timeout=ANSWER).ok:
            mounted(attempt)
            raise CheckFailed(expected, "there is no such directory", permanent=True)
        size, number = (statistic(attempt, path, name) for name in ("rbytes", "rfiles"))
        if (size, number) != (mib * MIB, files):
            raise CheckFailed(expected, f"it has {size / MIB:.1f} MiB in {number}")
        return f"{path} has {mib} MiB in {files} files below it"

    return eventually(look, 20)


@looks_at(sends=True)
def _sparse(attempt: "Attempt") -> str:
    path = f"{MOUNT}/home/bob/disk"
    expected = Expected(path, "a file of 80 TiB that takes nothing")
    found = attempt.run("admin", ["stat", "-c", "%s", path], timeout=ANSWER)
    dump, df = ask(attempt, expected, "fs dump", "df")
    limit = next(e["mdsmap"]["max_file_size"] for e in dump["filesystems"]) / TIB
    if limit < 80:
        hint = "`ceph fs set lab max_file_size BYTES`"
        raise CheckFailed(expected, f"a file may have {limit:g} TiB at most", hint, permanent=True)
    size = int(found.output) / TIB if found.ok else 0
    if size != 80:
        seen = f"it has {size:g} TiB" if found.ok else "there is no such file"
        raise CheckFailed(expected, seen, "`truncate -s 80T`", permanent=True)
    below = statistic(attempt, "home", "rbytes") / TIB
    if below < 80:
        raise CheckFailed(expected, f"home has {below:.3g} TiB below it")
    room = df["stats"]["total_bytes"]
    return f"80 TiB below home, on disks that have {room >> 30} GiB together"


is_sparse = eventually(_sparse, 20)
