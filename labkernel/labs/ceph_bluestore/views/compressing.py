"""The pools' sizes as a plot and a table."""

from typing import TYPE_CHECKING, Any

from labkernel.labs._plots import BLUE, GREY, bars
from labkernel.labs.ceph_bluestore.checks.compressing import COPIES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from labkernel import Outcome


_COLOURS = {"none": GREY, "snappy": BLUE, "zstd": "#d9844a"}


def read(output: str) -> dict[str, list[int]]:
    """Parse the step's output: of each pool the bytes stored, used, compressed, and before that."""
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
    parts = [100 * used / (stored * COPIES) for stored, used, *_ in found.values()]
    colours = [_COLOURS.get(name.partition("-")[2], GREY) for name in found]
    drawn = axes.barh(list(found), parts, color=colours, height=0.7)
    axes.bar_label(drawn, [f"{each:.0f} %" for each in parts], padding=4, color=GREY)
    axes.set_xlim(0, 115)
    return figure
