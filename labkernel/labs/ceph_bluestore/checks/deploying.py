"""Checks of the manager, the client and the OSDs."""

from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs._ceph.cluster import ask, last_words, status
from labkernel.labs._ceph.configuration import ADMIN_KEYRING, FSID, MONITORS
from labkernel.labs._ceph.files import keyring
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


#: of each OSD the node that it is on
HOSTS = dict(enumerate((*MONITORS, "delta")))
_CLIENT = file("admin", "/etc/ceph/ceph.conf", ADMIN_KEYRING, "/etc/ceph/mon.keyring")


@looks_at(sends=True)
def _manages(attempt: "Attempt") -> str:
    expected = "mgr.alpha to be the cluster's active manager"
    found = ask(attempt, expected, "mgr dump")[0]
    if found["available"] and found["active_name"] == "alpha":
        return "mgr.alpha is the active manager"
    if not attempt.run("alpha", ["pgrep", "-x", "ceph-mgr"]).ok:
        seen = "ceph-mgr does not run on alpha"
        raise CheckFailed(expected, seen, last_words(attempt, "alpha", "mgr.alpha"), permanent=True)
    raise CheckFailed(expected, "it is not available yet")


manages = eventually(_manages, PATIENCE)


@looks_at(_CLIENT, sends=True)
def knows_the_cluster(attempt: "Attempt") -> str:
    """The admin node has what a client needs, and no more."""
    expected = Expected("admin", "it to have ceph.conf and the keyring of client.admin")
    found = status(attempt, expected) if _has_files(attempt, expected) else {}
    ask(attempt, expected, "quorum_status", on="admin")
    return f"admin speaks to the cluster, whose quorum is {', '.join(found['quorum_names'])}"


def _has_files(attempt: "Attempt", expected: Expected | str) -> bool:
    for name in ("ceph.conf", "ceph.client.admin.keyring"):
        if not attempt.run("admin", ["test", "-s", f"/etc/ceph/{name}"]).ok:
            raise CheckFailed(expected, f"/etc/ceph/{name} is missing", "alpha offers it.")
    if attempt.run("admin", ["test", "-e", "/etc/ceph/mon.keyring"]).ok:
        hint = "Who has it can be a monitor: a client needs two files of the archive."
        raise CheckFailed(expected, "it has the key of the monitors as well", hint)
    return True


def osd_up(number: int) -> "Check":
    """An OSD is up and in, on its host, and its store is BlueStore."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        host = HOSTS[number]
        expected = Expected(host, f"osd.{number} to be up and in")
        dump, tree = ask(attempt, expected, "osd dump", "osd tree")
        found = {each["osd"]: each for each in dump["osds"]}
        if number not in found:
            raise CheckFailed(
                expected,
                f"the cluster has no osd.{number} (it has {_named(found)})",
                "`ceph osd new` registers it, with the key that it will use.",
                permanent=True,
            )
        _require_key(attempt, expected, host, number)
        _require_store(attempt, expected, host, number)
        if not found[number]["up"]:
            seen, hint, permanent = _why_down(attempt, host, number)
            raise CheckFailed(expected, seen, hint, permanent=permanent)
        buckets = {each["name"]: each.get("children", ()) for each in tree["nodes"]}
        if number not in buckets.get(host, ()):
            seen = f"the CRUSH map does not have it below the host {host}"
            raise CheckFailed(expected, seen)
        return f"osd.{number} on {host} is up, on BlueStore, at {_address(found[number])}"

    return eventually(look, PATIENCE)


def _named(found: dict[int, Any]) -> str:
    return ", ".join(f"osd.{number}" for number in sorted(found)) or "none"


def _address(osd: dict[str, Any]) -> str:
    """An OSD's public address, without the port, which is one of 6800 to 7568."""
    return str(osd["public_addrs"]["addrvec"][0]["addr"]).rpartition(":")[0]


def _read(attempt: "Attempt", host: str, number: int, name: str) -> str:
    found = attempt.run(host, ["cat", f"/var/lib/ceph/osd/ceph-{number}/{name}"])
    return found.output.strip() if found.ok else ""


def _require_store(attempt: "Attempt", expected: Expected | str, host: str, number: int) -> None:
    """The OSD's directory is that of a BlueStore of this cluster and this OSD."""
    if (kind := _read(attempt, host, number, "type")) != "bluestore":
        seen = f"its store is {kind}" if kind else "it has no store"
        raise CheckFailed(expected, seen, _why_no_store(attempt, host, number), permanent=True)
    fsid = _read(attempt, host, number, "ceph_fsid")
    if fsid != FSID:
        seen = f"its store belongs to the cluster {fsid}"
        hint = (
            f"This one is {FSID}: an OSD never changes sides. Remove the store, and make another."
        )
        raise CheckFailed(expected, seen, hint, permanent=True)


def _why_no_store(attempt: "Attempt", host: str, number: int) -> str:
    probe = "dd if=/dev/zero of=/var/tmp/probe bs=4096 count=1 oflag=direct"
    if not attempt.run(host, probe).ok:
        return "This kernel can't write to memory files with O_DIRECT: Linux 6.6 and newer can."
    said = last_words(attempt, host, f"osd.{number}")
    return f"`ceph-osd -i {number} --mkfs` makes it. {said}".rstrip()


def _require_key(attempt: "Attempt", expected: Expected | str, host: str, number: int) -> None:
    """The OSD has the key that the cluster knows, and the key has caps."""
    name = f"osd.{number}"
    known = {each["entity"]: each for each in ask(attempt, expected, "auth ls")[0]["auth_dump"]}
    path = f"/var/lib/ceph/osd/ceph-{number}/keyring"
    own = keyring(attempt, host, path).get(name, {})
    if name not in known:
        seen, hint = "the cluster has no key of it", f"See `ceph auth get {name}`."
    elif own.get("key") != known[name]["key"]:
        seen = "its key is not the one that the cluster knows"
        hint = f"Compare {path} with `ceph auth get {name}`."
    elif "mon" not in known[name]["caps"]:
        seen = "its key has no caps: it may not say that it is up"
        hint = f"`ceph auth caps {name} mon 'allow profile osd' osd 'allow *'`."
    else:
        return
    raise CheckFailed(expected, seen, hint, permanent=True)


def _why_down(attempt: "Attempt", host: str, number: int) -> tuple[str, str, bool]:
    """Why an OSD with a store and a key is down, what to try, and whether it stays so."""
    if not attempt.run(host, ["pgrep", "-x", "ceph-osd"]).ok:
        said = last_words(attempt, host, f"osd.{number}")
        return "ceph-osd does not run", said or f"Start it: `ceph-osd -i {number}`.", True
    return "it has not reported yet", "", False
