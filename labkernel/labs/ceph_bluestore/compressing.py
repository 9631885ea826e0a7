"""What compression saves."""

from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs._plots import BLUE, GREY, bars
from labkernel.labs.ceph_bluestore import commands
from labkernel.labs.ceph_bluestore.monitors import PATIENCE
from labkernel.labs.ceph_bluestore.topology import lab

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from labkernel import Attempt, Outcome

KINDS = ("text", "zeros", "random")
WAYS = ("none", "snappy", "zstd")

#: copies of each object
_COPIES = 3

_COLOURS = {"none": GREY, "snappy": BLUE, "zstd": "#d9844a"}


def _pools(attempt: "Attempt", expected: Expected | str) -> dict[str, dict[str, int]]:
    found: list[dict[str, Any]] = ask(attempt, expected, "df")[0]["pools"]
    return {each["name"]: each["stats"] for each in found}


def part(stats: dict[str, int]) -> float:
    """What is used of what it would be without compression, from 0 to 1."""
    return stats["bytes_used"] / max(1, stats["stored"] * _COPIES)


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
        raise CheckFailed(expected, "there is nothing in text-zstd", permanent=True)
    options = next(p["options"] for p in dump["pools"] if p["pool_name"] == "text-zstd")
    size = options.get("compression_min_blob_size", 0)
    if size < 65536:
        seen = f"compression_min_blob_size is {size or 'not set'} on it"
        raise CheckFailed(expected, seen, "64 KiB are 65536.", permanent=True)
    if part(stats) > 0.25:
        hint = "A setting is for what is written from now on: write the text again."
        raise CheckFailed(expected, f"it takes {part(stats):.0%}", hint)
    return f"the object takes {part(stats):.0%} of the space that it would take without compression"


# the OSDs report one by one: a quarter is reached when all of them have
in_big_blobs = eventually(_in_big_blobs, PATIENCE)


def read(output: str) -> dict[str, list[int]]:
    """What the step printed: of each pool its bytes stored, used, compressed, and before that."""
    rows = [line.split() for line in output.splitlines()]
    return {row[0]: [int(word) for word in row[1:]] for row in rows if len(row) == 5}


def plot(outcome: "Outcome") -> list[Any]:
    """A bar for each pool, and the table of its figures."""
    found = read(outcome.output)
    return [_figure(found), _table(found)] if found else []


def _table(found: dict[str, list[int]]) -> "pd.DataFrame":
    """In the words of ``ceph df detail``, in KiB."""
    import pandas as pd

    rows = {name: [f"{size / 1024:,.0f}" for size in sizes] for name, sizes in found.items()}
    columns = ["STORED (KiB)", "USED", "USED COMPR", "UNDER COMPR"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _figure(found: dict[str, list[int]]) -> "Figure":
    figure, axes = bars(7, 3.2, "Space used, of what three copies take without compression")
    parts = [100 * used / (stored * _COPIES) for stored, used, *_ in found.values()]
    colours = [_COLOURS.get(name.partition("-")[2], GREY) for name in found]
    drawn = axes.barh(list(found), parts, color=colours, height=0.7)
    axes.bar_label(drawn, [f"{each:.0f} %" for each in parts], padding=4, color=GREY)
    axes.set_xlim(0, 115)
    return figure


compress = lab.step(
    "compress",
    "Write text, zeros and noise, compressed",
    on="admin",
    run=commands.COMPRESS,
    check=compressed,
    undo=commands.NO_COMPRESSION,
    view=plot,
    observe=[CLUSTER],
)

blobs = lab.task(
    "blobs",
    "Compress the text to less than a quarter",
    on="admin",
    about="zstd could do more with the text in the pool text-zstd: it gets 8 KiB at a time, and "
    "what it saves counts in units of 4 KiB. Give it 64 KiB at a time, and write the text again.",
    solution=commands.BLOBS,
    check=in_big_blobs,
    undo=commands.NO_BLOBS,
    hint=[
        "A piece that is compressed as a whole is a blob. Its size is a setting of the pool.",
        "`ceph osd pool set text-zstd …` without a setting lists them; it is a minimum.",
        (
            "`ceph osd pool set text-zstd compression_min_blob_size 65536`; what is written "
            "stays as it is: `rados -p text-zstd put object text`."
        ),
    ],
)
