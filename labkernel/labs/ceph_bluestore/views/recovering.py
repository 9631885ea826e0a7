"""The times of a recovery as a plot."""

from typing import TYPE_CHECKING, Any

from labkernel.labs._plots import BLUE, GREY, bars
from labkernel.labs.ceph_bluestore.checks.recovering import moments

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from labkernel import Outcome


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
