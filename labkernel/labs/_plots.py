"""Plots that are legible in JupyterLab's light and dark themes, and on any page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: in the middle between black and white
GREY = "#808080"
BLUE = "#4a90d9"


def bars(width: float, height: float, title: str) -> "tuple[Figure, Axes]":
    """An empty plot for horizontal bars, the first on top: no background, no frame, grey text.

    :param width: in inches, as the height.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="none", layout="constrained")
    axes = figure.add_subplot(facecolor="none")
    axes.invert_yaxis()
    axes.set_title(title, color=GREY, fontsize=11, loc="left")
    axes.tick_params(colors=GREY, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure, axes
