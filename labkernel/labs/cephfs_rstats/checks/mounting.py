"""Checks of the file system's pools and servers, a client's key, and the mount."""

import json
import secrets
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.errors import last_line
from labkernel.labs._ceph.cluster import ask
from labkernel.labs._ceph.configuration import MONITORS
from labkernel.labs._ceph.daemons import is_frozen
from labkernel.labs._ceph.files import keyring, setting
from labkernel.labs.cephfs_rstats.checks.failover import active, caps_of, filesystem
from labkernel.labs.cephfs_rstats.commands.mounting import CLIENT, DATA, FS, KEYRING, META, MOUNT
from labkernel.labs.cephfs_rstats.commands.probing import PROBE

if TYPE_CHECKING:
    from labkernel import Attempt

#: placement groups of each pool
_PGS = {META: 8, DATA: 16}
#: a pool keeps for which file system it was, and as what
_ANEW = "Remove this one with its pools: `ceph fs rm NAME`, then `ceph osd pool rm NAME NAME`."


@looks_at(sends=True)
def made(attempt: "Attempt") -> str:
    """Claim: the pools have their numbers of placement groups, and the file system its metadata in
    the one and its data in the other."""
    expected = f"a file system {FS}, made of the pools {META} and {DATA}"
    dump, osds = ask(attempt, expected, "fs dump", "osd dump")
    pools = {pool["pool_name"]: pool for pool in osds["pools"]}
    if missing := [name for name in (META, DATA) if name not in pools]:
        seen = f"there is no pool {missing[0]} (pools: {', '.join(pools) or 'none'})"
        raise CheckFailed(
            expected, seen, f"`ceph osd pool create {missing[0]} {_PGS[missing[0]]}`."
        )
    for name, number in _PGS.items():
        if pools[name]["pg_num"] != number:
            seen = f"the pool {name} has {pools[name]['pg_num']} placement groups"
            hint = f"Remove it, and create it with {number}."
            raise CheckFailed(expected, seen, hint)
    if (found := filesystem(dump)) is None:
        others = ", ".join(each["mdsmap"]["fs_name"] for each in dump["filesystems"])
        hint = "`ceph fs new …` makes one of two pools; it also tells the pools what they are for."
        if others:
            hint = f"{_ANEW} {hint}"
            raise CheckFailed(expected, f"it is called {others}", hint)
        idle = [name for name in (META, DATA) if not pools[name]["application_metadata"]]
        seen = f"the pool {idle[0]} is for no application yet" if idle else "there is none"
        raise CheckFailed(expected, seen, hint)
    if found["metadata_pool"] != pools[META]["pool"]:
        hint = f"The metadata pool stands first: `ceph fs new FS METADATA DATA`. {_ANEW}"
        raise CheckFailed(expected, f"its metadata are not in {META}", hint)
    if pools[DATA]["pool"] not in found["data_pools"]:
        raise CheckFailed(expected, f"its data are not in {DATA}", _ANEW)
    return f"the file system {FS} has its metadata in {META}, and its data in {DATA}"


@looks_at(file("admin", KEYRING), sends=True)
def authorized(attempt: "Attempt") -> str:
    """Claim: the client's key is on admin; with it everything in the file system can be read and
    written, quotas set and snapshots made, as is tried; and nothing else in the cluster."""
    expected = Expected(
        "admin", f"a key of {CLIENT} that may read, write, set quotas, make snapshots"
    )
    granted = caps_of(attempt, CLIENT, expected)
    if not granted:
        hint = f"`ceph fs authorize {FS} {CLIENT} / …` makes a key and its caps."
        raise CheckFailed(expected, f"the cluster knows no {CLIENT}", hint)
    _require_keyring(attempt, expected)
    if "mds" not in granted:
        hint = "It could log in, and reach the data, but no metadata server would speak to it."
        raise CheckFailed(expected, "it has no caps for mds", hint)
    active(attempt, expected)
    _require_allowed(expected, granted, _tried(attempt))
    return f"{CLIENT} may do '{granted['mds']}'"


def _require_keyring(attempt: "Attempt", expected: Expected) -> None:
    """The client's keyring is on admin, with the key that the cluster knows."""
    own = keyring(attempt, "admin", KEYRING).get(CLIENT)
    if own is None:
        hint = f"What `ceph fs authorize …` and `ceph auth get {CLIENT}` print is a keyring."
        raise CheckFailed(expected, f"{KEYRING} does not have it", hint)
    known = ask(attempt, expected, "auth ls")[0]["auth_dump"]
    if own.get("key") not in [each["key"] for each in known if each["entity"] == CLIENT]:
        hint = f"`ceph auth get {CLIENT}` prints the one that the cluster knows."
        raise CheckFailed(expected, f"{KEYRING} has another key than the cluster knows", hint)


def _tried(attempt: "Attempt") -> dict[str, str]:
    """The error of each operation with the client's key; empty if it was permitted."""
    words = ["python3", "-", f"probe-{secrets.token_hex(4)}", DATA, META]
    found = attempt.run("admin", words, stdin=PROBE, timeout=60)
    lines = [line for line in found.output.splitlines() if line.startswith("{")]
    said: dict[str, str] = json.loads(lines[-1]) if lines else {}
    if "mount" not in said:
        said["mount"] = last_line(found.output) or "no answer within 60 s"
    return said


#: of each try, what it shows, and the letter of caps for mds that allows it
_WANTED = {
    "mount": ("reach all of the file system", "r"),
    "data": ("write data to the OSDs", "w"),
    "mkdir": ("write below its root", "w"),
    "write": ("write a file", "w"),
    "read": ("read a file", "r"),
    "quota": ("set quotas", "p"),
    "snapshot": ("make snapshots", "s"),
}


_UNWANTED = {
    "pool": (f"write into the pool {META}", "osd"),
    "monitor": ("change settings of the cluster", "mon"),
}


def _require_allowed(expected: Expected, granted: dict[str, str], said: dict[str, str]) -> None:
    """The key has shown that it allows what the task wants, and no more."""
    for name, (what, letter) in _WANTED.items():
        if why := said.get(name, "it was not tried"):
            caps_for = "osd" if name in ("write", "read", "data") else "mds"
            given = granted.get(caps_for)
            hint = f"Its caps for {caps_for} are {repr(given) if given else 'none'}."
            if caps_for == "mds":
                hint = f"The letter {letter} allows that, with / as the path. {hint}"
            raise CheckFailed(expected, f"it can't {what} ({why})", hint)
    for name, (what, service) in _UNWANTED.items():
        if said.get(name, "refused") == "":
            hint = f"Its caps for {service} are {granted.get(service, 'none')!r}."
            raise CheckFailed(expected, f"it may {what} as well", hint)


_NO_ANSWER = 124
#: ls in the background: once ceph-fuse has read a request, SIGKILL does not end who waits for it
_LIST = f"""exec 3< <(ls -- "$0" 2>&1; echo "/$?")
while IFS= read -r -t "$1" line <&3; do
  [[ $line == /* ]] && exit "${{line#/}}" || echo "$line"
done
exit {_NO_ANSWER}"""


@looks_at(sends=True)
def mounted(attempt: "Attempt") -> str:
    """CephFS is mounted on admin, and answers."""
    expected = Expected("admin", f"CephFS at {MOUNT}")
    # the kernel's list: whoever looks at the mount itself waits for a client that does not answer
    if not attempt.run(
        "admin", ["grep", "-q", f" {MOUNT} fuse.ceph-fuse ", "/proc/self/mounts"]
    ).ok:
        raise CheckFailed(expected, *_why_not_mounted(attempt))
    asked = attempt.run("admin", ["bash", "-c", _LIST, MOUNT, str(ANSWER)])
    if asked.exit_code == _NO_ANSWER:
        hint = f"{_why_lost(attempt)} Is a metadata server active? See `ceph health detail`."
        raise CheckFailed(expected, "it gives no answer", hint)
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
    if "mds" not in caps_of(attempt, CLIENT, f"caps of {CLIENT}"):
        hint = f"See `ceph auth get {CLIENT}`: without mds caps it gets nowhere. Authorize it anew."
        return f"the key of {CLIENT} has no caps for mds", hint
    return "nothing is mounted there", f"`ceph-fuse --id lab DIRECTORY`; it must exist: {MOUNT}."


_ADMIN = "2001:db8::1"
_ADDRESSES = tuple(MONITORS.values())


def _why_lost(attempt: "Attempt") -> str:
    """Why a mount does not answer any more, and what to try."""
    again = f"`umount --lazy {MOUNT}`, and mount it again."
    if not attempt.run("admin", "pgrep -f '[c]eph-fuse.*cephfs'").ok:
        return f"Its client, ceph-fuse, has ended. {again}"
    if is_frozen(attempt, "admin", "fuse"):
        return "Its client, ceph-fuse, is stopped by a signal: `pkill -CONT -x ceph-fuse`."
    # an evicted client is blocklisted: what it might still write must not reach the OSDs
    listed = ask(attempt, "the cluster to answer", "osd dump")[0]["blocklist"]
    if any(each.startswith(f"[{_ADMIN}]") for each in listed):
        return f"The client was evicted, and its address is on the blocklist. {again}"
    return again


#: seconds for an answer of the mounted file system; one that is lost must not keep a check
ANSWER = 10
