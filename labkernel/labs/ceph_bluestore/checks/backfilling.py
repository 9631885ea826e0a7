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
    """Claim: every OSD that runs uses the profile, and one that is added will use it as well."""
    expected = f"every OSD to have the profile {_PREFERRED}"
    dump, config = ask(attempt, expected, "osd dump", "config dump")
    hint = "`ceph config set osd osd_mclock_profile …` tells all OSDs, at once."
    for number in sorted(each["osd"] for each in dump["osds"] if each["up"]):
        if number not in HOSTS:
            continue
        settings = daemon(attempt, HOSTS[number], f"osd.{number}", "config show")
        if (profile := settings.get("osd_mclock_profile", "none")) != _PREFERRED:
            raise CheckFailed(expected, f"osd.{number} has {profile}", hint, permanent=True)
    kept = {
        each["section"]: each["value"] for each in config if each["name"] == "osd_mclock_profile"
    }
    if _PREFERRED not in (kept.get("osd"), kept.get("global")):
        seen = "only those that run have it: one that starts later has the default"
        raise CheckFailed(expected, seen, hint, permanent=True)
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
