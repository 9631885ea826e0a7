"""A fourth OSD, who comes first when one recovers, and disks that are full: checks, and a plot."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask, complaints, daemon, used
from labkernel.labs._plots import BLUE, GREY, bars
from labkernel.labs.ceph_bluestore.monitors import PATIENCE
from labkernel.labs.ceph_bluestore.osds import HOSTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from labkernel import Attempt, Outcome

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
def _full(attempt: "Attempt") -> str:
    expected = "the OSDs to be full"
    found, dump = ask(attempt, expected, "status", "osd dump")
    if "OSD_FULL" not in found["health"]["checks"]:
        seen = f"it is {found['health']['status']}"
        permanent = used(found) < dump["full_ratio"]
        raise CheckFailed(expected, seen, complaints(found), permanent=permanent)
    return f"{found['health']['status']}: {complaints(found)}"


full = eventually(_full, PATIENCE)


@looks_at(sends=True)
def _writable(attempt: "Attempt") -> str:
    expected = "the cluster to take what is written"
    found, dump = ask(attempt, expected, "status", "osd dump")
    if full := [f"osd.{each['osd']}" for each in dump["osds"] if "full" in each["state"]]:
        ratio = dump["full_ratio"]
        seen = f"{', '.join(full)} {'are' if len(full) > 1 else 'is'} full, at {ratio:.1%}"
        hint = "The ratio is far too low: `ceph osd set-full-ratio`; 0.95 is Ceph's own."
        raise CheckFailed(expected, seen, hint, permanent=used(found) > dump["full_ratio"])
    written = attempt.run("admin", "echo probe | timeout 5 rados -p lab put probe -", timeout=30)
    if not written.ok:
        raise CheckFailed(expected, "it does not")
    return f"no OSD is full: an OSD is at {dump['full_ratio']:.0%}"


writable = eventually(_writable, PATIENCE)

# -- what the cluster's log tells ----------------------------------------------------------------

_EVENT = re.compile(
    r"^(\S+T\S+) .*\] (osd\.2 failed|osd\.2 .* boot|Cluster is now healthy)", re.MULTILINE
)


def moments(output: str) -> list[float]:
    """When the OSD was found dead, when it was back, and when all was well: seconds."""
    times = [datetime.fromisoformat(match[1]).timestamp() for match in _EVENT.finditer(output)]
    return [time - times[0] for time in times]


@looks_at()
def told(attempt: "Attempt") -> str:
    """The log has the three events, in their order."""
    found = moments(attempt.output)
    if len(found) != 3 or found != sorted(found):
        expected = "the log to tell of a failure, a return and the end of the recovery"
        raise CheckFailed(expected, f"it tells of {len(found)} of them")
    return "the log has the failure, the return and the end of the recovery"


def plot(outcome: "Outcome") -> list[Any]:
    """A bar for each stretch of time."""
    found = moments(outcome.output)
    return [_figure(*found)] if len(found) == 3 else []


def _figure(failed: float, boot: float, healthy: float) -> "Figure":
    figure, axes = bars(7, 1.6, "Seconds since osd.2 was found dead")
    names = ["osd.2 is down", "osd.2 catches up"]
    spans = [boot - failed, healthy - boot]
    drawn = axes.barh(names, spans, left=[failed, boot], color=["#d9844a", BLUE], height=0.6)
    axes.bar_label(drawn, [f"{each:.1f} s" for each in spans], padding=4, color=GREY)
    axes.set_xlim(0, healthy * 1.2 or 1)
    return figure
