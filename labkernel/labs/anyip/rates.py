"""The plot of how many random addresses are asked in a second."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from labkernel import Outcome

WAYS = {
    "ping": "ping: a process for each address",
    "http": "HTTP: a connection and a page each",
    "fping": "fping: one process for all",
    "raw": "a raw socket in Python",
}
_LINE = re.compile(r"^(\w+): (\d+) of (\d+) answered, (\d+) addresses/s$", re.MULTILINE)

# readable on white and on black
_GREY, _BLUE = "#808080", "#4a90d9"


def read_rates(output: str) -> dict[str, tuple[int, int, int]]:
    """What measure-rate printed: for each way, how many answered, of how many, and per second."""
    return {way: (int(a), int(n), int(rate)) for way, a, n, rate in _LINE.findall(output)}


def plot_rates(outcome: "Outcome") -> list[Any]:
    """A bar for each way, on a logarithmic scale, and the table of its figures."""
    table = _table(outcome.output)
    return [_figure(table), table] if len(table) else []


def _table(output: str) -> "pd.DataFrame":
    import pandas as pd

    found = read_rates(output)
    rows = [(WAYS[way], *found[way]) for way in WAYS if way in found]
    return pd.DataFrame(rows, columns=["way", "answered", "asked", "per second"]).set_index("way")


def _figure(table: "pd.DataFrame") -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 0.55 * len(table) + 1), facecolor="none")
    axes = figure.add_subplot(facecolor="none")
    rates = table["per second"].iloc[::-1]
    bars = axes.barh(list(rates.index), list(rates), color=_BLUE, height=0.6)
    axes.bar_label(bars, [f"{rate:,}" for rate in rates], padding=4, color=_GREY)
    axes.set_xscale("log")
    axes.set_xlim(right=float(rates.max()) * 4)
    axes.set_title("Random addresses asked in a second", color=_GREY, fontsize=11)
    axes.tick_params(colors=_GREY, which="both", length=0)
    axes.grid(axis="x", color=_GREY, alpha=0.3)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
