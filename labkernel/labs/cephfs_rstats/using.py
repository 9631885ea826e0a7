"""Checks of the mounted file system: what is in it, and what it tells of itself."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.errors import last_line
from labkernel.labs._ceph.cluster import ask
from labkernel.labs._ceph.configuration import MONITORS
from labkernel.labs._ceph.files import keyring, setting
from labkernel.labs.cephfs_rstats import serving
from labkernel.labs.cephfs_rstats.commands import (
    CLIENT,
    DIRECTORIES,
    KEYRING,
    LIMIT_BYTES,
    LIMIT_FILES,
    MOUNT,
    TIB,
)

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

#: seconds for an answer of the mounted file system; one that is lost must not keep a check
_ANSWER = 10
MIB = 1 << 20


@looks_at(sends=True)
def mounted(attempt: "Attempt") -> str:
    """CephFS is mounted on admin, and answers."""
    expected = Expected("admin", f"CephFS at {MOUNT}")
    # the kernel's list: whoever looks at the mount itself waits for a client that does not answer
    if not attempt.run(
        "admin", ["grep", "-q", f" {MOUNT} fuse.ceph-fuse ", "/proc/self/mounts"]
    ).ok:
        raise CheckFailed(expected, *_why_not_mounted(attempt))
    asked = attempt.run("admin", ["ls", MOUNT], timeout=_ANSWER)
    if asked.timed_out:
        hint = "Is a metadata server active, and does ceph-fuse run (or is it stopped)?"
        raise CheckFailed(expected, "it gives no answer", f"{hint} See `ceph health detail`.")
    if not asked.ok:
        raise CheckFailed(expected, f"it says: {last_line(asked.output)}", _why_lost(attempt))
    return f"CephFS is mounted at {MOUNT}, and answers"


def _why_not_mounted(attempt: "Attempt") -> tuple[str, str]:
    """Why nothing is mounted, and what to try."""
    hosts = setting(attempt, CLIENT, "mon_host", "admin")
    if wrong := [
        each for each in hosts.replace(",", " ").split() if each.strip("[]") not in _ADDRESSES
    ]:
        hint = f"In ceph.conf on admin; the monitors are at {', '.join(_ADDRESSES)}."
        return f"a monitor is looked for at {wrong[0]}, where none is", hint
    if CLIENT not in keyring(attempt, "admin", KEYRING):
        return f"there is no key in {KEYRING}", f"`ceph auth get {CLIENT}` prints it."
    if "mds" not in serving.caps(attempt, ""):
        hint = f"See `ceph auth get {CLIENT}`: without mds caps it gets nowhere. Authorize it anew."
        return f"the key of {CLIENT} has no caps for mds", hint
    return "nothing is mounted there", f"`ceph-fuse --id lab {MOUNT}`"


_ADDRESSES = tuple(MONITORS.values())


def _why_lost(attempt: "Attempt") -> str:
    """Why a mount does not answer any more, and what to try."""
    again = f"`umount --lazy {MOUNT}`, and mount it again."
    if not attempt.run("admin", "pgrep -f '[c]eph-fuse.*cephfs'").ok:
        return f"Its client, ceph-fuse, has ended. {again}"
    # an evicted client is blocklisted: what it might still write must not reach the OSDs
    if ask(attempt, "", "osd dump")[0]["blocklist"]:
        return f"The client was evicted, and its address is on the blocklist. {again}"
    return again


def attribute(attempt: "Attempt", path: str, name: str) -> str:
    """An extended attribute below the mount; empty if it has none.

    :raises CheckFailed: nothing is mounted, or it does not answer.
    """
    words = ["getfattr", "--absolute-names", "--only-values", "-n", name, f"{MOUNT}/{path}"]
    found = attempt.run("admin", words, timeout=_ANSWER)
    if not found.ok:
        mounted(attempt)
        return ""
    return found.output


def _statistic(attempt: "Attempt", path: str, name: str) -> int:
    return int(attribute(attempt, path, f"ceph.dir.{name}") or 0)


def has(path: str, mib: int, files: int) -> "Check":
    """A directory has so much below it, by its own statistics."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = f"{MOUNT}/{path}: expected {mib} MiB in {files} files below it"
        if not attempt.run("admin", ["test", "-d", f"{MOUNT}/{path}"], timeout=_ANSWER).ok:
            mounted(attempt)
            raise CheckFailed(expected, "there is no such directory", permanent=True)
        size, number = (_statistic(attempt, path, name) for name in ("rbytes", "rfiles"))
        if (size, number) != (mib * MIB, files):
            raise CheckFailed(expected, f"it has {size / MIB:.1f} MiB in {number}")
        return f"{path} has {mib} MiB in {files} files below it"

    return eventually(look, 20)


@looks_at(sends=True)
def _sparse(attempt: "Attempt") -> str:
    path = f"{MOUNT}/home/bob/disk"
    expected = Expected(path, "a file of 80 TiB that takes nothing")
    found = attempt.run("admin", ["stat", "-c", "%s", path], timeout=_ANSWER)
    dump, df = ask(attempt, expected, "fs dump", "df")
    limit = next(e["mdsmap"]["max_file_size"] for e in dump["filesystems"]) / TIB
    if limit < 80:
        hint = "`ceph fs set lab max_file_size BYTES`"
        raise CheckFailed(expected, f"a file may have {limit:g} TiB at most", hint, permanent=True)
    size = int(found.output) / TIB if found.ok else 0
    if size != 80:
        seen = f"it has {size:g} TiB" if found.ok else "there is no such file"
        raise CheckFailed(expected, seen, "`truncate -s 80T`", permanent=True)
    below = _statistic(attempt, "home", "rbytes") / TIB
    if below < 80:
        raise CheckFailed(expected, f"home has {below:.3g} TiB below it")
    room = df["stats"]["total_bytes"]
    return f"80 TiB below home, on disks that have {room >> 30} GiB together"


sparse = eventually(_sparse, 20)


@looks_at(sends=True)
def limited(attempt: "Attempt") -> str:
    """Ann has her quotas, and nobody else has them."""
    expected = Expected(
        f"{MOUNT}/home/ann", f"at most {LIMIT_BYTES // MIB} MiB and {LIMIT_FILES} files"
    )
    for name, wanted in (("max_bytes", LIMIT_BYTES), ("max_files", LIMIT_FILES)):
        found = int(attribute(attempt, "home/ann", f"ceph.quota.{name}") or 0)
        if found != wanted:
            seen = f"{name} is {found}" if found else f"{name} is not set"
            raise CheckFailed(expected, seen, _why_unlimited(attempt, name))
    if attribute(attempt, "home", "ceph.quota.max_bytes"):
        raise CheckFailed(expected, "home has a quota, too: all share it", "0 removes it.")
    return f"ann may have {LIMIT_BYTES // MIB} MiB and {LIMIT_FILES} files"


def _why_unlimited(attempt: "Attempt", name: str) -> str:
    if "p" not in serving.caps(attempt, "").get("mds", "").partition("allow ")[2].partition(" ")[0]:
        return f"{CLIENT} may not set quotas: its caps for mds lack p."
    if attribute(attempt, "home", f"ceph.quota.{name}"):
        return "It is set on home, for all who are below. 0 removes it there."
    return f"`setfattr -n ceph.quota.{name} -v NUMBER DIRECTORY`; bytes, not MiB."


@looks_at(sends=True)
def within_limits(attempt: "Attempt") -> str:
    """Ann has not more than her quota, give or take what was on its way."""
    size = _statistic(attempt, "home/ann", "rbytes")
    if size > LIMIT_BYTES + 8 * MIB:
        raise CheckFailed(f"ann to stay below {LIMIT_BYTES} bytes", f"she has {size}")
    return f"ann has {LIMIT_BYTES // MIB} MiB at most"


@looks_at(sends=True)
def snapshot(attempt: "Attempt") -> str:
    """There is a snapshot of home."""
    if not attempt.run("admin", ["test", "-d", f"{MOUNT}/home/.snap/monday"], timeout=_ANSWER).ok:
        hint = f"A snapshot is made by mkdir: `mkdir {MOUNT}/home/.snap/monday`."
        raise CheckFailed("a snapshot monday of home", "there is none", hint)
    return "home has a snapshot monday"


@looks_at(sends=True)
def recovered(attempt: "Attempt") -> str:
    """Carol's draft is what it was on Monday."""
    expected = f"{MOUNT}/home/carol/thesis/draft as it was on Monday"
    snapshot(attempt)
    old = f"{MOUNT}/home/.snap/monday/carol/thesis/draft"
    found = attempt.run("admin", ["cmp", old, f"{MOUNT}/home/carol/thesis/draft"], timeout=_ANSWER)
    if not found.ok:
        hint = f"Copy it from {MOUNT}/home/.snap/monday: it looks like home, as it was."
        raise CheckFailed(expected, f"but: {last_line(found.output)}", hint)
    return "carol has her draft again, byte for byte"


@looks_at(sends=True)
def _grown(attempt: "Attempt") -> str:
    expected = f"{MOUNT}/srv: expected {DIRECTORIES} directories below it"
    # it counts itself
    number = _statistic(attempt, "srv", "rsubdirs") - 1
    if number != DIRECTORIES:
        raise CheckFailed(expected, f"there are {max(0, number)}", permanent=number < 0)
    return f"srv has {number} directories below it"


grown = eventually(_grown, 20)
