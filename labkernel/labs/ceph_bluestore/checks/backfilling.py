"""Checks of recovery's priority, and of a fourth OSD."""

import json
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import eventually, looks_at
from labkernel.errors import last_line
from labkernel.labs._ceph.cluster import ask, daemon
from labkernel.labs.ceph_bluestore.checks.deploying import HOSTS
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE
from labkernel.labs.ceph_bluestore.checks.storing import healthy

if TYPE_CHECKING:
    from labkernel import Attempt


_PREFERRED = "high_recovery_ops"


@looks_at(sends=True)
def _recovery_first(attempt: "Attempt") -> str:
    expected = f"every OSD to have the profile {_PREFERRED}"
    tree = ask(attempt, expected, "osd dump")[0]
    for number in sorted(each["osd"] for each in tree["osds"] if each["up"]):
        told = daemon(attempt, HOSTS[number], f"osd.{number}", "config show")
        if (profile := told.get("osd_mclock_profile", "none")) != _PREFERRED:
            hint = "`ceph config set osd osd_mclock_profile …` tells all OSDs, at once."
            raise CheckFailed(expected, f"osd.{number} has {profile}", hint, permanent=True)
    return f"every OSD has the profile {_PREFERRED}"


recovery_first = eventually(_recovery_first)


@looks_at(sends=True)
def _moved(attempt: "Attempt") -> str:
    expected = "placement groups on osd.3"
    found = attempt.run("admin", ["ceph", "osd", "df", "-f", "json"], timeout=30)
    if not found.ok:
        raise CheckFailed(expected, f"`ceph osd df` says: {last_line(found.output)}")
    groups = {each["id"]: each["pgs"] for each in json.loads(found.output)["nodes"]}
    if not groups.get(3):
        raise CheckFailed(expected, "it has none")
    return f"osd.3 has its share of the placement groups; {healthy(attempt)}"


moved = eventually(_moved, PATIENCE)
