"""Checks of the manager, the client and the OSDs."""

from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, file, looks_at
from labkernel.labs._ceph.cluster import ask, status
from labkernel.labs._ceph.configuration import ADMIN_KEYRING, FSID, MONITORS
from labkernel.labs._ceph.daemons import last_errors, runs, why_down
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
    if not runs(attempt, "alpha", "mgr"):
        raise CheckFailed(expected, *why_down(attempt, "alpha", "mgr.alpha"), permanent=True)
    if found["available"]:
        raise CheckFailed(expected, f"mgr.{found['active_name']} is")
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
    held = "for file in /etc/ceph/*; do ceph-authtool --list $file 2>&1; done | grep -F '[mon.]'"
    if attempt.run("admin", held).ok:
        hint = "Who has it can be a monitor: a client needs two files of the archive."
        raise CheckFailed(expected, "it has the key of the monitors as well", hint)
    return True


def osd_up(number: int) -> "Check":
    """An OSD is up and in, on its host, and its store is BlueStore.

    Claim: it is registered; its store on that host is a BlueStore of this cluster, made for this
    registration and with its key; its daemon runs there; and the CRUSH map has it below the host.
    """

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        host = HOSTS[number]
        expected = Expected(host, f"osd.{number} to be up and in")
        dump, tree, metadata = ask(attempt, expected, "osd dump", "osd tree", "osd metadata")
        found = {each["osd"]: each for each in dump["osds"]}
        if number not in found:
            raise CheckFailed(
                expected,
                f"the cluster has no osd.{number} (it has {_named(found)})",
                "`ceph osd new UUID` registers it, with the key that it will use.",
                permanent=True,
            )
        _require_directory(attempt, expected, host, number)
        _require_key(attempt, expected, host, number)
        _require_store(attempt, expected, host, number)
        _require_registered(attempt, expected, number, found[number])
        if not found[number]["up"]:
            seen, hint, permanent = _why_down(attempt, host, number)
            raise CheckFailed(expected, seen, hint, permanent=permanent)
        _require_placed(expected, number, found[number], tree, metadata)
        return f"osd.{number} on {host} is up, on BlueStore, at {_address(found[number])}"

    return eventually(look, PATIENCE)


def _named(found: dict[int, Any]) -> str:
    return ", ".join(f"osd.{number}" for number in sorted(found)) or "none"


def _address(osd: dict[str, Any]) -> str:
    """An OSD's public address, without the port, which is one of 6800 to 7568."""
    return str(osd["public_addrs"]["addrvec"][0]["addr"]).rpartition(":")[0]


def _directory(number: int) -> str:
    return f"/var/lib/ceph/osd/ceph-{number}"


def _read(attempt: "Attempt", host: str, number: int, name: str) -> str:
    """The first word of a file in an OSD's directory; empty if there is none."""
    found = attempt.run(host, ["head", "-c", "200", f"{_directory(number)}/{name}"])
    words = found.output.split() if found.ok else []
    return words[0] if words else ""


def _require_store(attempt: "Attempt", expected: Expected | str, host: str, number: int) -> None:
    """The OSD's directory is that of a BlueStore of this cluster."""
    if (kind := _read(attempt, host, number, "type")) != "bluestore":
        seen = f"its store is of the type {kind}" if kind else "it has no store"
        hint = _why_no_store(attempt, host, number)
        raise CheckFailed(expected, seen, hint, permanent=True)
    fsid = _read(attempt, host, number, "ceph_fsid")
    if fsid != FSID:
        seen = f"its store belongs to the cluster {fsid or 'of nobody'}"
        hint = (
            f"This one is {FSID}: an OSD never changes sides. Remove the store, and make another."
        )
        raise CheckFailed(expected, seen, hint, permanent=True)


def _require_directory(
    attempt: "Attempt", expected: Expected | str, host: str, number: int
) -> None:
    """The OSD's directory is on its host."""
    having = [
        node for node in HOSTS.values() if attempt.run(node, ["test", "-d", _directory(number)]).ok
    ]
    if host in having:
        return
    seen, hint = f"there is no {_directory(number)}", "It has the key and the store."
    if having:
        seen = f"the directory of osd.{number} is on {having[0]}, and not on {host}"
        hint = f"Remove it there (`forget-osd {number}`), and make it on {host}."
    raise CheckFailed(expected, seen, hint, permanent=True)


def _why_no_store(attempt: "Attempt", host: str, number: int) -> str:
    """A hint for a host that has no BlueStore of an OSD."""
    probe = "dd if=/dev/zero of=/var/tmp/probe bs=4096 count=1 oflag=direct"
    if not attempt.run(host, probe).ok:
        return "This kernel can't write to memory files with O_DIRECT: Linux 6.6 and newer can."
    said = last_errors(attempt, host, f"osd.{number}")
    return f"`ceph-osd -i {number} --mkfs …` makes it. {said}".rstrip()


def _require_key(attempt: "Attempt", expected: Expected | str, host: str, number: int) -> None:
    """The OSD has the key that the cluster knows, and the key has caps."""
    name = f"osd.{number}"
    known = {each["entity"]: each for each in ask(attempt, expected, "auth ls")[0]["auth_dump"]}
    path = f"{_directory(number)}/keyring"
    own = keyring(attempt, host, path).get(name, {})
    if name not in known:
        seen, hint = "the cluster has no key of it", f"`ceph osd new UUID` takes it: see {path}."
    elif not own:
        seen = f"{path} has no key of {name}"
        hint = f"`ceph auth get {name}` prints the one that the cluster knows."
    elif own.get("key") != known[name]["key"]:
        seen = "its key is not the one that the cluster knows"
        hint = f"Compare {path} with `ceph auth get {name}`."
    elif "mon" not in known[name]["caps"]:
        seen = "its key has no caps: it may not say that it is up"
        hint = f"`ceph auth caps {name} mon 'allow profile osd' osd 'allow *'`."
    else:
        return
    raise CheckFailed(expected, seen, hint, permanent=True)


def _require_registered(
    attempt: "Attempt", expected: Expected | str, number: int, osd: dict[str, Any]
) -> None:
    """The store has the id under which the cluster has registered the OSD."""
    own, known = _read(attempt, HOSTS[number], number, "fsid"), osd["uuid"]
    if own != known:
        seen = f"its store has the id {own or 'of nobody'}, and the cluster has registered {known}"
        hint = "The UUID that was registered must be that of --mkfs: --osd-uuid."
        raise CheckFailed(expected, seen, hint, permanent=True)


def _why_down(attempt: "Attempt", host: str, number: int) -> tuple[str, str, bool]:
    """Why an OSD with a store and a key is down, what to try, and whether that is permanent."""
    if not runs(attempt, host, "osd"):
        return *why_down(attempt, host, f"osd.{number}"), True
    return "it has not reported yet", "", False


def _require_placed(
    expected: Expected,
    number: int,
    osd: dict[str, Any],
    tree: dict[str, Any],
    metadata: list[dict[str, Any]],
) -> None:
    """The OSD that is up runs on its host, is below it in the CRUSH map, and is in."""
    host = next((each.get("hostname") for each in metadata if each["id"] == number), "")
    if host and host != expected.on:
        hint = f"Make it on {expected.on}."
        raise CheckFailed(expected, f"it runs on {host}", hint, permanent=True)
    above = [each["name"] for each in tree["nodes"] if number in each.get("children", ())]
    if expected.on not in above:
        seen = f"the CRUSH map has it below {', '.join(above) or 'nothing'}"
        raise CheckFailed(expected, f"{seen}, not below the host {expected.on}")
    if not osd["in"]:
        raise CheckFailed(expected, "it is out", f"`ceph osd in {number}`.", permanent=True)
