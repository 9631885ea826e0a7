"""Checks of the file system's pools and servers, a client's key, and the mount."""

from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.errors import last_line
from labkernel.labs._ceph.cluster import ask, complaints, last_words, status
from labkernel.labs._ceph.configuration import MONITORS
from labkernel.labs._ceph.files import keyring, setting
from labkernel.labs.cephfs_rstats.commands.mounting import CLIENT, DATA, FS, KEYRING, META, MOUNT

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


#: seconds that a change of the maps may take on a busy machine
PATIENCE = 60
#: a pool keeps for which file system it was, and as what
_ANEW = "Remove this one with its pools: `ceph fs rm`, then `ceph osd pool rm`."


def _filesystem(dump: dict[str, Any]) -> dict[str, Any] | None:
    """The map of the file system; None if there is none of that name."""
    every = (each["mdsmap"] for each in dump["filesystems"])
    return next((each for each in every if each["fs_name"] == FS), None)


@looks_at(sends=True)
def made(attempt: "Attempt") -> str:
    """The file system is there, with its metadata in the pool that is for them."""
    expected = f"a file system {FS}, made of the pools {META} and {DATA}"
    dump, osds = ask(attempt, expected, "fs dump", "osd dump")
    pools = {pool["pool_name"]: pool for pool in osds["pools"]}
    if missing := [name for name in (META, DATA) if name not in pools]:
        seen = f"there is no pool {missing[0]} (pools: {', '.join(pools) or 'none'})"
        raise CheckFailed(expected, seen, f"`ceph osd pool create {missing[0]} 8`.")
    if (found := _filesystem(dump)) is None:
        others = ", ".join(each["mdsmap"]["fs_name"] for each in dump["filesystems"])
        hint = "`ceph fs new` makes one of two pools; it also tells the pools what they are for."
        if others:
            hint = f"{_ANEW} {hint}"
            raise CheckFailed(expected, f"it is called {others}", hint)
        idle = [name for name in (META, DATA) if not pools[name]["application_metadata"]]
        seen = f"the pool {idle[0]} is for no application yet" if idle else "there is none"
        raise CheckFailed(expected, seen, hint)
    if found["metadata_pool"] != pools[META]["pool"]:
        hint = f"The metadata pool stands first: `ceph fs new {FS} {META} {DATA}`. {_ANEW}"
        raise CheckFailed(expected, f"its metadata are not in {META}", hint)
    return f"the file system {FS} has its metadata in {META}, and its data in {DATA}"


def servers(dump: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The metadata servers that are active, and those that stand by."""
    found = _filesystem(dump)
    active = (
        [e["name"] for e in found["info"].values() if e["state"] == "up:active"] if found else []
    )
    return active, [each["name"] for each in dump["standbys"]]


def active(attempt: "Attempt", expected: Expected | str) -> str:
    """The name of the node whose metadata server is active.

    :raises CheckFailed: none is.
    """
    dump = ask(attempt, expected, "fs dump")[0]
    names, _ = servers(dump)
    if not names:
        found = status(attempt, expected)
        raise CheckFailed(expected, "no metadata server is active", complaints(found))
    return names[0]


def is_active(name: str, alone: bool = False) -> "Check":
    """A metadata server is active.

    :param alone: and no other one stands by.
    """

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = f"mds.{name} to be active" + (", and none to stand by" if alone else "")
        now, waiting = servers(ask(attempt, expected, "fs dump")[0])
        if name not in now:
            seen, hint, permanent = _why_not_active(attempt, name, now)
            raise CheckFailed(expected, seen, hint, permanent=permanent)
        if alone and waiting:
            raise CheckFailed(
                expected, f"mds.{waiting[0]} does", permanent=_runs(attempt, waiting[0])
            )
        return f"mds.{name} is active" + (", and none stands by" if alone else "")

    return eventually(look, PATIENCE)


def _why_not_active(attempt: "Attempt", name: str, now: list[str]) -> tuple[str, str, bool]:
    """Another one may be active, and stays so as long as it runs."""
    if now and _runs(attempt, now[0]):
        return f"mds.{now[0]} is, and runs", "", True
    return _why_no_server(attempt, name)


def _why_no_server(attempt: "Attempt", name: str) -> tuple[str, str, bool]:
    """Why a metadata server is not in use, what to try, and whether that is permanent."""
    place = f"/var/lib/ceph/mds/ceph-{name}/keyring"
    if f"mds.{name}" not in keyring(attempt, name, place):
        return f"{name} has no {place}", f"`ceph auth get-or-create mds.{name} …`", True
    if not _runs(attempt, name):
        said = last_words(attempt, name, f"mds.{name}")
        return f"ceph-mds does not run on {name}", said or f"`ceph-mds -i {name}`.", True
    if lacking := _lacking(attempt, name):
        seen = f"its key has no caps for {lacking}"
        return seen, f"`ceph auth caps mds.{name} …` takes all of them at once.", True
    return f"mds.{name} has not reported yet", "", False


def _runs(attempt: "Attempt", node: str) -> bool:
    return attempt.run(node, ["pgrep", "-x", "ceph-mds"]).ok


def _lacking(attempt: "Attempt", name: str) -> str:
    """A service on which a metadata server may do nothing; empty if there is none."""
    granted = _granted(attempt, f"mds.{name}", "")
    return next((service for service in ("mon", "osd", "mds") if service not in granted), "")


def _granted(attempt: "Attempt", entity: str, expected: Expected | str) -> dict[str, str]:
    """An entity's caps, by service; empty if the cluster does not know it."""
    known = ask(attempt, expected, "auth ls")[0]["auth_dump"]
    found: dict[str, Any] = next((each for each in known if each["entity"] == entity), {})
    granted: dict[str, str] = found.get("caps", {})
    return granted


@looks_at(sends=True)
def _stands_by(attempt: "Attempt") -> str:
    expected = "one metadata server active and one that stands by, and HEALTH_OK"
    now, waiting = servers(ask(attempt, expected, "fs dump")[0])
    found = status(attempt, expected)
    if not now:
        raise CheckFailed(expected, "none is active", complaints(found))
    if not waiting:
        other = "bravo" if now[0] == "alpha" else "alpha"
        _, hint, permanent = _why_no_server(attempt, other)
        seen = f"only mds.{now[0]} is there ({complaints(found) or 'no complaint yet'})"
        raise CheckFailed(expected, seen, hint, permanent=permanent)
    if lacking := _lacking(attempt, waiting[0]):
        seen = f"the key of mds.{waiting[0]} has no caps for {lacking}"
        hint = (
            f"It would fail when it is needed. `ceph auth caps mds.{waiting[0]} …` takes them all."
        )
        raise CheckFailed(expected, seen, hint, permanent=True)
    if found["health"]["status"] != "HEALTH_OK":
        raise CheckFailed(expected, f"it is {found['health']['status']}", complaints(found))
    return f"mds.{now[0]} is active, and mds.{waiting[0]} stands by: HEALTH_OK"


stands_by = eventually(_stands_by, PATIENCE)


def caps(attempt: "Attempt", expected: Expected | str) -> dict[str, str]:
    """The caps of the lesson's client, by service; empty if the cluster does not know it."""
    return _granted(attempt, CLIENT, expected)


@looks_at(file("admin", KEYRING), sends=True)
def authorized(attempt: "Attempt") -> str:
    """The client's key is on admin, and may do what the lesson needs."""
    expected = Expected(
        "admin", f"a key of {CLIENT} that may read, write, set quotas, make snapshots"
    )
    granted = caps(attempt, expected)
    if not granted:
        hint = f"`ceph fs authorize {FS} {CLIENT} / …` makes a key and its caps."
        raise CheckFailed(expected, f"the cluster knows no {CLIENT}", hint)
    own = keyring(attempt, "admin", KEYRING).get(CLIENT)
    if own is None:
        hint = f"What `ceph fs authorize` and `ceph auth get {CLIENT}` print is a keyring."
        raise CheckFailed(expected, f"{KEYRING} does not have it", hint)
    if "mds" not in granted:
        hint = "It could log in, and reach the data, but no metadata server would speak to it."
        raise CheckFailed(expected, "it has no caps for mds", hint)
    letters = granted["mds"].partition("allow ")[2].split()[0]
    for letter, what in (("w", "write"), ("p", "set quotas"), ("s", "make snapshots")):
        if letter not in letters:
            seen = f"its caps for mds are '{granted['mds']}'"
            raise CheckFailed(expected, seen, f"It can't {what}: {letter} is missing.")
    if f"fsname={FS}" not in granted["mds"]:
        raise CheckFailed(expected, f"its caps are for another file system: {granted['mds']}")
    return f"{CLIENT} may do '{granted['mds']}'"


#: seconds for an answer of the mounted file system; one that is lost must not keep a check
ANSWER = 10


@looks_at(sends=True)
def mounted(attempt: "Attempt") -> str:
    """CephFS is mounted on admin, and answers."""
    expected = Expected("admin", f"CephFS at {MOUNT}")
    # the kernel's list: whoever looks at the mount itself waits for a client that does not answer
    if not attempt.run(
        "admin", ["grep", "-q", f" {MOUNT} fuse.ceph-fuse ", "/proc/self/mounts"]
    ).ok:
        raise CheckFailed(expected, *_why_not_mounted(attempt))
    asked = attempt.run("admin", ["ls", MOUNT], timeout=ANSWER)
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
    if "mds" not in caps(attempt, ""):
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
