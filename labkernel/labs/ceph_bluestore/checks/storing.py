"""Checks of the pool, its placement groups and its objects."""

import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.errors import last_line
from labkernel.labs._ceph.cluster import ask, complaints, pg_states
from labkernel.labs._ceph.health import lasting_cause
from labkernel.labs.ceph_bluestore.checks.deploying import HOSTS
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_SIZE, _PGS = 3, 32
_ERASURE = 3


@looks_at(sends=True)
def _pooled(attempt: "Attempt") -> str:
    """Claim: the pool keeps three copies in 32 placement groups, has an application, and all of
    its placement groups are active+clean."""
    expected = "the pool lab with 32 placement groups, active and clean"
    found, dump = ask(attempt, expected, "status", "osd dump")
    pools = {each["pool_name"]: each for each in dump["pools"]}
    if "lab" not in pools:
        seen = f"there is no such pool (pools: {', '.join(pools) or 'none'})"
        raise CheckFailed(expected, seen, permanent=True)
    _require_made(expected, pools["lab"])
    _require_clean(attempt, expected, found, dump)
    return "the pool lab has 32 placement groups, active+clean, of 3 copies each"


def _require_made(expected: str, pool: dict[str, Any]) -> None:
    """The pool is as the task wants it."""
    if pool["type"] == _ERASURE:
        seen = f"it is erasure-coded ({pool['size']} chunks), and keeps no copies"
        hint = "A pool's type never changes: remove it, and create a replicated one."
        raise CheckFailed(expected, seen, hint, permanent=True)
    if pool["pg_num_target"] != _PGS:
        seen = f"it has {pool['pg_num_target']}"
        raise CheckFailed(expected, seen, "`ceph osd pool set lab pg_num 32`.", permanent=True)
    if pool["pg_num"] != _PGS:  # the manager splits or merges a few at a time
        raise CheckFailed(expected, f"it has {pool['pg_num']}, on the way to {_PGS}")
    if pool["size"] != _SIZE:
        seen, hint = f"it keeps {pool['size']} copies", "`ceph osd pool set lab size 3`."
        raise CheckFailed(expected, seen, hint, permanent=True)
    if not pool["application_metadata"]:
        hint = "Ceph wants to know what a pool is for: `ceph osd pool application enable lab …`."
        raise CheckFailed(expected, "no application is enabled on it", hint, permanent=True)


pooled = eventually(_pooled, PATIENCE)


def _require_clean(
    attempt: "Attempt", expected: Expected | str, found: dict[str, Any], dump: dict[str, Any]
) -> None:
    """Every placement group is active+clean."""
    states = found["pgmap"].get("pgs_by_state", ())
    clean = sum(each["count"] for each in states if each["state_name"].startswith("active+clean"))
    if clean == found["pgmap"]["num_pgs"] and clean:
        return
    seen = f"they are: {pg_states(found)}"
    cause = _unmappable(attempt, expected, dump) or lasting_cause(attempt, found, dump, HOSTS)
    raise CheckFailed(expected, seen, cause or complaints(found), permanent=bool(cause))


def _unmappable(attempt: "Attempt", expected: Expected | str, dump: dict[str, Any]) -> str:
    """A pool's rule that asks for more buckets than the CRUSH map has, a sentence; else empty."""
    crush = ask(attempt, expected, "osd crush dump")[0]
    types = {each["type_id"]: each["name"] for each in crush["types"]}
    for pool in dump["pools"]:
        rule = next(each for each in crush["rules"] if each["rule_id"] == pool["crush_rule"])
        for step in rule["steps"]:
            kind = step.get("type", "")
            there = _count(crush, kind, types)
            if step["op"].startswith("choose") and there < pool["size"]:
                wanted = f"wants {pool['size']} of the type {kind}"
                return f"The rule {rule['rule_name']} {wanted}, and the CRUSH map has {there}."
    return ""


def _count(crush: dict[str, Any], kind: str, types: dict[int, str]) -> int:
    """The number of devices or buckets of a type, without the shadows of device classes."""
    if kind == types.get(0):
        return len(crush["devices"])
    named = (each for each in crush["buckets"] if "~" not in each["name"])
    return sum(each["type_name"] == kind for each in named)


@looks_at(sends=True)
def healthy(attempt: "Attempt") -> str:
    """The cluster has nothing to complain of, and every placement group is clean."""
    expected = "HEALTH_OK"
    found, dump = ask(attempt, expected, "status", "osd dump")
    if muted := [each["code"] for each in found["health"].get("mutes", ())]:
        hint = f"Muting hides it, and repairs nothing: `ceph health unmute {muted[0]}`."
        raise CheckFailed(expected, f"{', '.join(muted)} is muted", hint, permanent=True)
    if found["health"]["status"] != "HEALTH_OK":
        seen = f"it is {found['health']['status']} ({complaints(found)})"
        hint = lasting_cause(attempt, found, dump, HOSTS)
        raise CheckFailed(expected, seen, hint, permanent=bool(hint))
    _require_clean(attempt, expected, found, dump)
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


def require_content(attempt: "Attempt", expected: Expected | str, name: str, source: str) -> None:
    """An object in the pool is, byte for byte, what a command prints.

    :raises CheckFailed: it is not there, or is another one.
    """
    read = f"timeout 20 rados -p lab get {name} /run/{name}.read"
    if not (got := attempt.run("admin", read, timeout=30)).ok:
        raise CheckFailed(expected, f"{name} can't be read: {last_line(got.output)}")
    if not attempt.run("admin", f"{source} | cmp -s - /run/{name}.read").ok:
        hint = f"It was the output of `{source}`."
        raise CheckFailed(expected, f"{name} has another content", hint, permanent=True)


def group_of(attempt: "Attempt", name: str, expected: Expected | str) -> str:
    """The placement group of an object in the pool, as in ``1.1a``."""
    return str(_mapped(attempt, name, expected)["pgid"])


def _mapped(attempt: "Attempt", name: str, expected: Expected | str) -> dict[str, Any]:
    words = ["ceph", "osd", "map", "lab", name, "-f", "json"]
    found = attempt.run("admin", words, timeout=30)
    try:
        mapped: dict[str, Any] = json.loads(found.output) if found.ok else {}
    except ValueError:
        mapped = {}
    if "pgid" not in mapped:
        raise CheckFailed(expected, f"`ceph osd map` says: {last_line(found.output)}")
    return mapped
