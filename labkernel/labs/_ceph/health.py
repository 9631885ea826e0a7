"""The state of a cluster: what it complains of, and which of that stays until somebody acts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labkernel.errors import CheckFailed
from labkernel.labs._ceph.cluster import ask, complaints, remedy
from labkernel.labs._ceph.configuration import MONITORS
from labkernel.labs._ceph.daemons import missing_monitors, runs, why_down

if TYPE_CHECKING:
    from labkernel import Attempt, Nodes

_APPLICATION = (
    "Say what the pool is for: `ceph osd pool application enable POOL NAME`; `ceph health detail` "
    "names the pool."
)


def lasting_cause(
    attempt: "Attempt", found: dict[str, Any], dump: dict[str, Any], hosts: Mapping[int, str]
) -> str:
    """The cause of a warning that does not clear by itself, a sentence; empty if there is none.

    :param found: of ``status``.
    :param dump: of ``osd dump``.
    :param hosts: of each OSD the node that it is on.
    """
    codes = found["health"]["checks"]
    if "OSD_DOWN" in codes and (down := _osds_without_daemon(attempt, dump, hosts)):
        return down
    if "MON_DOWN" in codes and (missing := missing_monitors(attempt)):
        return f"{missing}: start them by `ceph-mon -i NAME`."
    if "OSDMAP_FLAGS" in codes:
        flags = codes["OSDMAP_FLAGS"]["summary"]["message"]
        return f"{flags}: `ceph osd unset FLAG`."
    if any(not pool["application_metadata"] for pool in dump["pools"]):
        return _APPLICATION if "POOL_APP_NOT_ENABLED" in codes else ""
    return remedy(found, dump)


def _osds_without_daemon(lab: "Nodes", dump: dict[str, Any], hosts: Mapping[int, str]) -> str:
    """The OSDs that are down and whose daemon does not run, a sentence; empty if there are none."""
    down = [each["osd"] for each in dump["osds"] if not each["up"] and each["osd"] in hosts]
    dead = [number for number in down if not runs(lab, hosts[number], "osd")]
    causes = [why_down(lab, hosts[number], f"osd.{number}") for number in dead]
    reasons = [f"osd.{n} is down: {seen}" for n, (seen, _) in zip(dead, causes, strict=True)]
    return f"{'; '.join(reasons)}. {causes[0][1]}" if reasons else ""


def describe(attempt: "Attempt") -> str:
    """The state of a cluster that is not well, a sentence; empty if it is, or there is none yet.

    It is said beside a command that failed: the monitors that have ended, and the cluster's health.
    """
    made = ["test", "-d", f"/var/lib/ceph/mon/ceph-{next(iter(MONITORS))}/store.db"]
    if not attempt.run(next(iter(MONITORS)), made).ok:
        return ""
    try:
        (found,) = ask(attempt, "the cluster to answer", "status")
    except CheckFailed as failure:
        return f"The cluster gives no answer: {failure.hint or failure.seen}"
    if found["health"]["status"] == "HEALTH_OK":
        return ""
    osds = found["osdmap"]
    up = f"{osds['num_up_osds']} of {osds['num_osds']} OSDs are up"
    return f"The cluster is {found['health']['status']} ({complaints(found)}); {up}."
