"""The seconds of both ways as a plot."""

from typing import TYPE_CHECKING

from labkernel.labs._plots import BLUE, GREY, bars
from labkernel.labs.nested_kvm.checks import TIME

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from labkernel import Outcome


def plot(outcome: "Outcome") -> "Figure":
    """A bar for each way, in seconds."""
    seconds = {name: float(text) for name, text in TIME.findall(outcome.output)}
    figure, axes = bars(6, 1.6, "Seconds until the second-level guest has ended")
    drawn = axes.barh(list(seconds), list(seconds.values()), color=BLUE)
    axes.bar_label(drawn, [f"{each:.1f} s" for each in seconds.values()], padding=4, color=GREY)
    axes.set_xlim(0, 1.15 * max(seconds.values(), default=1))
    return figure
