"""Plots that are legible in JupyterLab's light and dark themes, and on any page."""

from typing import TYPE_CHECKING

from labkernel import picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: in the middle between black and white
GREY = "#808080"
BLUE = "#4a90d9"

_DPI = 144


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


def figure_of(
    number: int, width: float, height: float, *titles: str
) -> "tuple[Figure, list[Axes]]":
    """Empty plots side by side for points and lines: no background, a grey frame below and left.

    :param width: in inches, as the height.
    :param titles: of each plot.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="none", layout="constrained")
    drawn = []
    for index, title in enumerate(titles[:number], 1):
        axes = figure.add_subplot(1, number, index, facecolor="none")
        axes.set_title(title, color=GREY, fontsize=11, loc="left")
        axes.tick_params(colors=GREY)
        axes.grid(color=GREY, alpha=0.25)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(GREY)
        drawn.append(axes)
    return figure, drawn


def as_html(figure: "Figure") -> str:
    """A plot as an image that stands in the page itself."""
    from io import BytesIO

    file = BytesIO()
    figure.savefig(file, format="png", dpi=_DPI, metadata={"Software": None})
    titles = ", ".join(axes.get_title(loc="left") for axes in figure.axes)
    return picture.plot(file.getvalue(), _DPI, titles)
