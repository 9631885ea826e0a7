"""Tables and plots of a thousand sites and their rates."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.anyip.checks.hosting import read_rates

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from labkernel import Outcome

WAYS = {
    "ping": "ping: a process for each address",
    "http": "HTTP: a connection and a page each",
    "fping": "fping: one process for all",
    "raw": "a raw socket in Python",
}

# readable on white and on black
_GREY, _BLUE = "#808080", "#4a90d9"


def plot_rates(outcome: "Outcome") -> list[Any]:
    """A bar for each way, on a logarithmic scale, and the table of its figures."""
    found = read_rates(outcome.output)
    rates = {way: found[way][2] for way in WAYS if way in found}
    return [_figure(rates), _table(found, rates)] if rates else []


def _table(found: dict[str, tuple[int, int, int]], rates: dict[str, int]) -> "pd.DataFrame":
    """For each way what was asked, the rate, and how many times the slowest it is."""
    import pandas as pd

    slowest = max(1, min(rates.values()))
    rows = {
        WAYS[way]: (f"{found[way][1]:,}", f"{rate:,}", f"× {rate / slowest:,.0f}")
        for way, rate in rates.items()
    }
    columns = ["addresses asked", "in a second", "of the slowest"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _figure(rates: dict[str, int]) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 0.55 * len(rates) + 1), facecolor="none")
    axes = figure.add_subplot(facecolor="none")
    bars = axes.barh([WAYS[way] for way in rates], list(rates.values()), color=_BLUE, height=0.6)
    axes.invert_yaxis()
    axes.bar_label(bars, [f"{rate:,}" for rate in rates.values()], padding=4, color=_GREY)
    axes.set_xscale("log")
    axes.set_xlim(10, max(rates.values()) * 4)
    axes.xaxis.set_major_formatter(lambda rate, _: f"{rate:,.0f}")
    axes.set_title("Random addresses asked in a second", color=_GREY, fontsize=11, loc="left")
    _recede(axes)
    return figure


def _recede(axes: "Axes") -> None:
    """Let the bars stand out."""
    axes.tick_params(colors=_GREY, which="both", length=0)
    axes.grid(axis="x", color=_GREY, alpha=0.3)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
