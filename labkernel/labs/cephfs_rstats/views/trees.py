"""Recursive statistics beside du and find, measured by the size of the tree."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labkernel import running_lab
from labkernel.errors import LabError, last_line
from labkernel.labs._memory import available_memory
from labkernel.labs._plots import BLUE, GREY, as_html, figure_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from labkernel.attempt import Workbench


FEW = (300, 1_000, 3_000)
FULL = (1_000, 10_000, 100_000)
WAYS = ("du", "find", "rstats")
_COLOURS = {"du": "#d9844a", "find": GREY, "rstats": BLUE}
_MADE = re.compile(r"^(\d+) of \d+$", re.MULTILINE)
#: seconds: making 100,000 files takes a minute or two, on a busy machine more
_PATIENCE = 1800
#: measured: what a file takes on three nodes together, with the journal, at most; and the rest
KIB_EACH, MIB_BEFORE = 30, 256

OnFiles = Callable[[int, int], None]
"""Called with how many files of a tree are made, and how many are wanted."""


@dataclass(repr=False)
class Comparison:
    """The seconds that each way took, by the size of the tree.

    :param samples: of each tree: its files, and the seconds that each way took.
    """

    samples: dict[int, dict[str, float]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"trees of {', '.join(f'{files:,}' for files in self.samples)} files compared"

    def __repr__(self) -> str:
        return str(self)

    def table(self) -> "pd.DataFrame":
        """Seconds by how many files there are, and how many times rstats are faster than du."""
        import pandas as pd

        frame = pd.DataFrame.from_dict(self.samples, orient="index")[list(WAYS)]
        frame["du / rstats"] = (frame["du"] / frame["rstats"]).round(0)
        frame.index.name = "files"
        return frame.round(3)

    def figure(self) -> "Figure":
        """Seconds by files, both logarithmic."""
        figure, (axes,) = figure_of(1, 7, 3.2, "Seconds to learn a tree's size, by its files")
        for way in WAYS:
            seconds = [sample[way] for sample in self.samples.values()]
            axes.loglog(list(self.samples), seconds, marker="o", color=_COLOURS[way])
            axes.annotate(
                way,
                (list(self.samples)[-1], seconds[-1]),
                color=_COLOURS[way],
                va="center",
                xytext=(9, 0),
                textcoords="offset points",
            )
        axes.set_xticks(list(self.samples), [f"{files:,}" for files in self.samples])
        axes.minorticks_off()
        axes.margins(x=0.12)
        return figure

    def _repr_html_(self) -> str:
        return as_html(self.figure()) + str(self.table().to_html(border=0))


def measure(
    full: bool = False,
    counts: Sequence[int] = FEW,
    lab: "Workbench | None" = None,
    on_files: OnFiles | None = None,
) -> Comparison:
    """Make trees, and measure how long each way takes to learn their size; the trees are removed
    when the lab ends.

    :param full: 1,000, 10,000 and 100,000 files: takes minutes.
    :param counts: how many otherwise.
    :param lab: this module's in this notebook, if not given; its file system must be served.
    :param on_files: told of the progress; where it takes minutes, it is printed if not given.
    :raises LabError: a tree can't be made or measured, and why; or there is not the memory for it.
    """
    running_in = (lab or running_lab("cephfs-rstats")).up()
    _require_memory(running_in, sum(FULL if full else counts))
    comparison = Comparison()
    tell = on_files or (_print if full else None)
    for files in FULL if full else counts:
        tree = f"/trees/{files}"
        _make(running_in, tree, files, tell)
        comparison.samples[files] = _compare(running_in, tree)
    return comparison


def _require_memory(lab: "Workbench", files: int) -> None:
    """See that there is memory for so many files, with the numbers if there is not."""
    available = int(available_memory(lab, "alpha"))
    needed = MIB_BEFORE + KIB_EACH * files // 1024
    if available < needed:
        raise LabError(
            f"{files:,} files take about {needed:,} MiB, and {available:,} MiB are available",
            "end something else, or fewer: counts=[…]",
        )


def _print(made: int, wanted: int) -> None:
    """The progress, as a line that is written over."""
    end = "\n" if made == wanted else ""
    print(f"\r{made:,} of {wanted:,} files made", end=end, flush=True)


def _make(lab: "Workbench", tree: str, files: int, on_files: OnFiles | None) -> None:
    """Make a tree; one that is there from an earlier measurement is taken as it is."""
    have = lab.run("admin", ["make-tree", "count", tree], timeout=60)
    if have.ok and have.output.strip() == str(files):
        return

    def hear(piece: str) -> None:
        if on_files and (made := _MADE.findall(piece)):
            on_files(int(made[-1]), files)

    made = lab.run("admin", ["make-tree", "files", tree, str(files)], hear, timeout=_PATIENCE)
    if not made.ok:
        raise LabError(f"admin: can't make a tree of {files:,} files: {last_line(made.output)}")
    if on_files:
        on_files(files, files)


def _compare(lab: "Workbench", tree: str) -> dict[str, float]:
    found = lab.run("admin", ["compare-ways", tree.lstrip("/")], timeout=_PATIENCE)
    if not found.ok:
        raise LabError(f"admin: can't measure {tree}: {last_line(found.output)}")
    seconds: dict[str, float] = json.loads(found.output)
    return seconds
