"""Checks of an OSD that dies and comes back."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask, pg_states
from labkernel.labs._ceph.daemons import runs
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at(sends=True)
def _degraded(attempt: "Attempt") -> str:
    expected = "osd.2 to be down, and placement groups with a copy less"
    found, dump = ask(attempt, expected, "status", "osd dump")
    if any(each["osd"] == 2 and each["up"] for each in dump["osds"]):
        alive = runs(attempt, "charlie", "osd")
        raise CheckFailed(expected, "it is up", permanent=alive)
    if any("undersized" not in s["state_name"] for s in found["pgmap"].get("pgs_by_state", ())):
        raise CheckFailed(expected, f"they are: {pg_states(found)}")
    return "osd.2 is down, and every placement group is undersized: two copies are left"


degraded = eventually(_degraded, PATIENCE)

_EVENT = re.compile(
    r"^(\d{4}-\d\d-\d\dT[\d:.]+[+-]\d{4}) .*"
    r"\] (osd\.2 failed|osd\.2 .* boot|Cluster is now healthy)",
    re.MULTILINE,
)


def moments(output: str) -> list[float]:
    """When the OSD was found dead, when it was back, and when all was well: seconds."""
    try:
        times = [datetime.fromisoformat(match[1]).timestamp() for match in _EVENT.finditer(output)]
    except ValueError:  # no date, whoever has printed that
        return []
    return [time - times[0] for time in times]


@looks_at()
def reported(attempt: "Attempt") -> str:
    """The log has the three events, in their order."""
    found = moments(attempt.output)
    if len(found) != 3 or found != sorted(found):
        expected = "the log to tell of a failure, a return and the end of the recovery"
        raise CheckFailed(expected, f"it tells of {len(found)} of them")
    return "the log has the failure, the return and the end of the recovery"
