"""Checks of the metadata servers: which is active, and which stands by."""

from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask, complaints, status
from labkernel.labs._ceph.daemons import runs, why_down
from labkernel.labs._ceph.files import keyring
from labkernel.labs.cephfs_rstats.commands.mounting import FS

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


#: seconds that a change of the maps may take on a busy machine
PATIENCE = 60


def filesystem(dump: dict[str, Any]) -> dict[str, Any] | None:
    """The map of the file system; None if there is none of that name."""
    every = (each["mdsmap"] for each in dump["filesystems"])
    return next((each for each in every if each["fs_name"] == FS), None)


def servers(dump: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The metadata servers that are active, and those that stand by."""
    found = filesystem(dump)
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
    path = f"/var/lib/ceph/mds/ceph-{name}/keyring"
    if f"mds.{name}" not in keyring(attempt, name, path):
        return f"{name} has no {path}", f"`ceph auth get-or-create mds.{name} …`", True
    if not _runs(attempt, name):
        return *why_down(attempt, name, f"mds.{name}"), True
    if lacking := _lacking(attempt, name):
        seen = f"its key has no caps for {lacking}"
        return seen, f"`ceph auth caps mds.{name} …` takes all of them at once.", True
    return f"mds.{name} has not reported yet", "", False


_SERVERS = ("alpha", "bravo")


def _runs(attempt: "Attempt", node: str) -> bool:
    return runs(attempt, node, "mds")


def _lacking(attempt: "Attempt", name: str) -> str:
    """A service on which a metadata server may do nothing; empty if there is none."""
    granted = caps_of(attempt, f"mds.{name}", f"caps of mds.{name}")
    return next((service for service in ("mon", "osd", "mds") if service not in granted), "")


def caps_of(attempt: "Attempt", entity: str, expected: Expected | str) -> dict[str, str]:
    """An entity's caps, by service; empty if the cluster does not know it."""
    known = ask(attempt, expected, "auth ls")[0]["auth_dump"]
    found: dict[str, Any] = next((each for each in known if each["entity"] == entity), {})
    caps: dict[str, str] = found.get("caps", {})
    return caps


@looks_at(sends=True)
def _stands_by(attempt: "Attempt") -> str:
    """Claim: of mds.alpha and mds.bravo one is active, the other stands by with the caps that it
    will need, and the cluster has nothing to complain of."""
    expected = "one metadata server active and one that stands by, and HEALTH_OK"
    now, there = servers(ask(attempt, expected, "fs dump")[0])
    waiting = [name for name in there if name in _SERVERS]
    found = status(attempt, expected)
    if not now:
        raise CheckFailed(expected, "none is active", complaints(found))
    if not waiting:
        other = "bravo" if now[0] == "alpha" else "alpha"
        why, hint, permanent = _why_no_server(attempt, other)
        complaint = complaints(found) or "no complaint yet"
        seen = f"only mds.{now[0]} is there ({complaint}), and {why}"
        raise CheckFailed(expected, seen, hint, permanent=permanent)
    if not runs(attempt, waiting[0], "mds"):
        seen, hint = why_down(attempt, waiting[0], f"mds.{waiting[0]}")
        raise CheckFailed(expected, seen, hint, permanent=True)
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
