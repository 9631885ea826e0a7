"""Checks of what compression saves."""

import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask
from labkernel.labs.ceph_bluestore.checks.quorum import PATIENCE

if TYPE_CHECKING:
    from labkernel import Attempt


KINDS = ("text", "zeros", "random")
WAYS = ("none", "snappy", "zstd")

#: copies of each object
COPIES = 3


def _pools(attempt: "Attempt", expected: Expected | str) -> dict[str, dict[str, int]]:
    found: list[dict[str, Any]] = ask(attempt, expected, "df")[0]["pools"]
    return {each["name"]: each["stats"] for each in found}


def part(stats: dict[str, int]) -> float:
    """The space used, as a fraction of the space without compression."""
    return stats["bytes_used"] / max(1, stats["stored"] * COPIES)


@looks_at(sends=True)
def _compressed(attempt: "Attempt") -> str:
    expected = "zeros to take half the space when compressed, and noise all of it"
    pools = _pools(attempt, expected)
    names = [f"{what}-{how}" for what in KINDS for how in WAYS]
    if missing := [name for name in names if not pools.get(name, {}).get("stored")]:
        raise CheckFailed(expected, f"there is nothing in {missing[0]}")
    zeros, noise = part(pools["zeros-zstd"]), part(pools["random-zstd"])
    if zeros > 0.6 or noise < 0.99:
        raise CheckFailed(expected, f"zeros take {zeros:.0%}, and noise {noise:.0%}")
    return f"compressed, zeros take {zeros:.0%} of the space, and noise {noise:.0%}"


compressed = eventually(_compressed)


@looks_at(sends=True)
def _in_big_blobs(attempt: "Attempt") -> str:
    expected = "the object in text-zstd to take less than a quarter of the space"
    pools, dump = ask(attempt, expected, "df", "osd dump")
    stats = next((p["stats"] for p in pools["pools"] if p["name"] == "text-zstd"), None)
    if not stats or not stats["stored"]:
        # figures follow what is written by some seconds
        listed = attempt.run("alpha", "rados -p text-zstd ls | head -n 1").output.strip()
        raise CheckFailed(expected, "there is nothing in text-zstd", permanent=not listed)
    options = next(p["options"] for p in dump["pools"] if p["pool_name"] == "text-zstd")
    size = options.get("compression_min_blob_size", 0)
    if size < 65536:
        seen = f"compression_min_blob_size is {size or 'not set'} on it"
        raise CheckFailed(expected, seen, "64 KiB are 65536.", permanent=True)
    if part(stats) > 0.25:
        pool = next(p for p in dump["pools"] if p["pool_name"] == "text-zstd")
        old = _written_before(attempt, pool)
        hint = "A setting is for what is written from now on: write the text again." if old else ""
        raise CheckFailed(expected, f"it takes {part(stats):.0%}", hint, permanent=old)
    return f"the object takes {part(stats):.0%} of the space that it would take without compression"


def _written_before(attempt: "Attempt", pool: dict[str, Any]) -> bool:
    """Nothing was written to a pool since it was last changed: its primary OSD is asked, by which
    epoch of the map the last write was."""
    words = ["ceph", "tell", f"{pool['pool']}.0", "query"]
    found = attempt.run("admin", words, timeout=30)
    epoch = re.search(r'"last_update": "(\d+)\'\d+"', found.output)
    return bool(found.ok and epoch and int(epoch[1]) < int(pool["last_change"]))


# the OSDs report one by one: a quarter is reached when all of them have
in_big_blobs = eventually(_in_big_blobs, PATIENCE)
