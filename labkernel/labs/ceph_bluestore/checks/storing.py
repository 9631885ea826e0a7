"""Checks of the pool, its placement groups and its objects."""

import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.errors import last_line
from labkernel.labs._ceph.cluster import ask, complaints, pg_states, remedy
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


@looks_at(sends=True)
def _pooled(attempt: "Attempt") -> str:
    expected = "the pool lab with 32 placement groups, active and clean"
    found, dump = ask(attempt, expected, "status", "osd dump")
    pools = {each["pool_name"]: each for each in dump["pools"]}
    if "lab" not in pools:
        seen = f"there is no such pool (pools: {', '.join(pools) or 'none'})"
        raise CheckFailed(expected, seen, permanent=True)
    pool = pools["lab"]
    if pool["pg_num"] != 32:
        seen = f"it has {pool['pg_num']}"
        raise CheckFailed(expected, seen, "`ceph osd pool set lab pg_num 32`.", permanent=True)
    if pool["size"] != 3:
        seen, hint = f"it keeps {pool['size']} copies", "`ceph osd pool set lab size 3`."
        raise CheckFailed(expected, seen, hint, permanent=True)
    if not pool["application_metadata"]:
        hint = "Ceph wants to know what a pool is for: `ceph osd pool application enable lab …`."
        raise CheckFailed(expected, "no application is enabled on it", hint, permanent=True)
    _require_clean(expected, found)
    return "the pool lab has 32 placement groups, active+clean, of 3 copies each"


pooled = eventually(_pooled, PATIENCE)


def _require_clean(expected: Expected | str, found: dict[str, Any]) -> None:
    """Every placement group is active+clean."""
    states = found["pgmap"].get("pgs_by_state", ())
    clean = sum(each["count"] for each in states if each["state_name"].startswith("active+clean"))
    if clean != found["pgmap"]["num_pgs"] or not clean:
        seen = f"they are: {pg_states(found)}"
        raise CheckFailed(expected, seen, complaints(found))


@looks_at(sends=True)
def healthy(attempt: "Attempt") -> str:
    """The cluster has nothing to complain of, and every placement group is clean."""
    expected = "HEALTH_OK"
    found, dump = ask(attempt, expected, "status", "osd dump")
    if found["health"]["status"] != "HEALTH_OK":
        seen = f"it is {found['health']['status']} ({complaints(found)})"
        hint = remedy(found, dump)
        raise CheckFailed(expected, seen, hint, permanent=bool(hint))
    _require_clean(expected, found)
    osds = found["osdmap"]
    return f"HEALTH_OK with {osds['num_up_osds']} of {osds['num_osds']} OSDs up"


is_healthy = eventually(healthy, PATIENCE)


def keeps(name: str) -> "Check":
    """The pool has an object, on three OSDs."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = f"the object {name} in the pool lab"
        found = attempt.run("admin", ["rados", "-p", "lab", "stat", name], timeout=30)
        if not found.ok:
            raise CheckFailed(expected, f"`rados stat` says: {last_line(found.output)}")
        mapped = _mapped(attempt, name, expected)
        return f"{name} is in {mapped['pgid']}, on the OSDs {mapped['acting']}"

    return look


def group_of(attempt: "Attempt", name: str, expected: Expected | str) -> str:
    """The placement group of an object in the pool, as in ``1.1a``."""
    return str(_mapped(attempt, name, expected)["pgid"])


def _mapped(attempt: "Attempt", name: str, expected: Expected | str) -> dict[str, Any]:
    words = ["ceph", "osd", "map", "lab", name, "-f", "json"]
    found = attempt.run("admin", words, timeout=30)
    if not found.ok:
        raise CheckFailed(expected, f"`ceph osd map` says: {last_line(found.output)}")
    mapped: dict[str, Any] = json.loads(found.output)
    return mapped
