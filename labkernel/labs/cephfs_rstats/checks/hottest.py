"""Checks of the tree, and of the program that finds where it changes."""

import random
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.errors import last_line
from labkernel.labs._ceph.cluster import daemon
from labkernel.labs.cephfs_rstats.checks.accounting import attribute, statistic
from labkernel.labs.cephfs_rstats.checks.failover import active
from labkernel.labs.cephfs_rstats.checks.mounting import mounted
from labkernel.labs.cephfs_rstats.commands.hottest import DEPTH, DIRECTORIES, FAN, PROGRAM
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at(sends=True)
def _grown(attempt: "Attempt") -> str:
    expected = f"{MOUNT}/srv: expected {DIRECTORIES} directories below it"
    # it counts itself
    number = statistic(attempt, "srv", "rsubdirs") - 1
    if number != DIRECTORIES:
        raise CheckFailed(expected, f"there are {max(0, number)}", permanent=number < 0)
    return f"srv has {number} directories below it"


grown = eventually(_grown, 20)

#: a client that knows nothing yet: what it asks, it asks the metadata server
_FRESH = "/mnt/fresh"
_MOUNT_FRESH = f"mkdir -p {_FRESH} && ceph-fuse --id lab {_FRESH} 2> /dev/null && ls {_FRESH}"
_EXPECTED = Expected("admin", f"{PROGRAM} DIRECTORY to print where something has changed last")


@looks_at(file("admin", PROGRAM), sends=True)
def finds(attempt: "Attempt") -> str:
    """The program finds where a file was written just now, twice, and without a walk."""
    if not attempt.run("admin", ["test", "-x", PROGRAM]).ok:
        hint = "A script of any kind, executable; the directory is its first argument."
        raise CheckFailed(_EXPECTED, "there is no such program", hint)
    mounted(attempt)
    asked = [_try(attempt, directory) for directory in _directories()]
    return f"it finds what was written, and asks the metadata server {max(asked)} times at most"


def _directories() -> list[str]:
    """Two directories at the bottom of the tree, of which nobody knows which."""
    chosen: list[str] = []
    while len(set(chosen)) < 2:
        chosen.append("/".join(str(random.randrange(FAN)) for _ in range(DEPTH)))
    return chosen[-2:]


def _try(attempt: "Attempt", directory: str) -> int:
    """Write a file there, and have the program find it.

    :returns: how often the metadata server was asked.
    """
    before = attribute(attempt, "srv", "ceph.dir.rctime")
    write = f"date | dd of={MOUNT}/srv/{directory}/written conv=fsync status=none"
    attempt.run("admin", write, expect=0)
    eventually(lambda attempt: _moved(attempt, before), 20)(attempt)
    attempt.run("admin", _MOUNT_FRESH, expect=0)
    try:
        requests = _requests(attempt)
        found = attempt.run("admin", [PROGRAM, f"{_FRESH}/srv"], timeout=60)
        requests = _requests(attempt) - requests
    finally:
        attempt.run("admin", ["umount", "--lazy", _FRESH])
    said = "nothing within 60 s" if found.timed_out else last_line(found.output)
    _judge(found.output.strip() if found.ok else "", said, directory, requests)
    return requests


def _moved(attempt: "Attempt", before: str) -> str:
    if attribute(attempt, "srv", "ceph.dir.rctime") == before:
        raise CheckFailed("rctime of srv to follow", "it has not yet")
    return "rctime of srv has followed"


def _requests(attempt: "Attempt") -> int:
    name = active(attempt, _EXPECTED)
    counters = daemon(attempt, name, f"mds.{name}", "perf dump")
    return int(counters["mds"]["request"]) if counters else 0


def _judge(found: str, said: str, directory: str, requests: int) -> None:
    wanted = f"{_FRESH}/srv/{directory}"
    if found.rstrip("/") != wanted:
        hint = (
            "rctime is the latest change below a directory: go where it is latest, again and again."
        )
        raise CheckFailed(_EXPECTED, f"for {wanted} it says {said or 'nothing'}", hint)
    if requests > DIRECTORIES // 2:
        seen = f"it asks the metadata server {requests} times, for {DIRECTORIES} directories"
        raise CheckFailed(
            _EXPECTED, seen, "It walks the tree. Ask directories, not what is in them."
        )
