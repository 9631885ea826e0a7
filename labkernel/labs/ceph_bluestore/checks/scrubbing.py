"""Checks of a damaged copy."""

import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import complaints, status
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE
from labkernel.labs.ceph_bluestore.checks.storing import group_of, healthy
from labkernel.labs.ceph_bluestore.commands.scrubbing import BLOCK

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at(sends=True)
def damaged(attempt: "Attempt") -> str:
    """The third OSD's disk has wrong bytes, and nobody has noticed."""
    expected = Expected("charlie", "other bytes on the disk of osd.2, and nobody to notice")
    # overwritten by itself: nothing changes, and it is found or not
    if not attempt.run("charlie", ["overwrite", BLOCK, "\nrotts\n", "\nrotts\n"]).ok:
        raise CheckFailed(expected, "they are as they were written")
    found = status(attempt, expected)
    if found["health"]["status"] != "HEALTH_OK":
        raise CheckFailed(expected, "the cluster complains", complaints(found))
    return "bytes on the disk of osd.2 have changed, and the cluster is HEALTH_OK"


@looks_at(sends=True)
def _reported(attempt: "Attempt") -> str:
    expected = "the cluster to report damage"
    found = status(attempt, expected)
    if not {"PG_DAMAGED", "OSD_SCRUB_ERRORS"} <= set(found["health"]["checks"]):
        raise CheckFailed(expected, f"it is {found['health']['status']}", complaints(found))
    return f"{found['health']['status']}: {complaints(found)}"


reported = eventually(_reported, PATIENCE)


@looks_at(sends=True)
def _repaired(attempt: "Attempt") -> str:
    expected = "no object with differing copies"
    pg = group_of(attempt, "numbers", expected)
    found = attempt.run("charlie", ["rados", "list-inconsistent-obj", pg], timeout=30)
    wrong: list[dict[str, Any]] = json.loads(found.output)["inconsistents"] if found.ok else []
    if wrong:
        name = wrong[0]["object"]["name"]
        bad = ", ".join(f"osd.{shard['osd']}" for shard in wrong[0]["shards"] if shard["errors"])
        hint = f"`ceph pg repair {pg}`: the copies that are good replace it."
        raise CheckFailed(expected, f"that of {name} on {bad} is bad still", hint)
    return f"every copy of every object in {pg} is good; {healthy(attempt)}"


# whether a repair is under way, nothing tells: who has started one asks again
repaired = eventually(_repaired)
