"""Checks of full OSDs."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask, complaints, used
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE

if TYPE_CHECKING:
    from labkernel import Attempt


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
