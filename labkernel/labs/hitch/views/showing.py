"""Measured starts as a table and a plot."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkernel.labs._plots import GREY, as_html, figure_of
from labkernel.labs.hitch.views.starts import STACKS, Start, Starts, fit, read

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from labkernel import Outcome


_COLOURS = ("#4a90d9", "#d9844a", "#4aa96c", "#b06ad0", "#c9a227", GREY)


def _titles(starts: list[Start]) -> dict[str, str]:
    names = dict.fromkeys(each.stack for each in starts)
    return {name: STACKS[name].title if name in STACKS else name for name in names}


def table(measurement: Starts) -> "pd.DataFrame":
    """The seconds of each stack with each number of certificates, and the line through them: what
    a certificate takes in milliseconds and in kB."""
    import pandas as pd

    rows = {}
    for stack, title in _titles(measurement.starts).items():
        seconds = {each.number: f"{each.seconds:.2f} s" for each in measurement.of(stack)}
        line = fit(measurement.of(stack))
        rows[title] = [
            *(seconds.get(number, "") for number in measurement.numbers),
            f"{max(0, line.seconds) * 1000:.3f} ms",
            f"{max(0, line.octets) / 1000:.1f} kB",
        ]
    columns = [f"{number:,}" for number in measurement.numbers]
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=[*columns, "a certificate", "its memory"]
    )


def figure(measurement: Starts) -> "Figure":
    """Seconds and memory against the number of certificates, with the line through each stack."""
    drawn, (left, right) = figure_of(
        2, 9, 3.6, "start until the right certificate, seconds", "memory of its processes, MB"
    )
    for colour, (stack, title) in zip(_COLOURS, _titles(measurement.starts).items(), strict=False):
        starts, line = measurement.of(stack), measurement.line(stack)
        numbers = [each.number for each in starts]
        left.plot(numbers, [each.seconds for each in starts], "o", color=colour, label=title)
        right.plot(numbers, [each.kib * 1024 / 1e6 for each in starts], "o", color=colour)
        ends = [0, max(measurement.numbers)]
        left.plot(ends, [max(0, line.at(end)[0]) for end in ends], color=colour, lw=1)
        right.plot(ends, [max(0, line.at(end)[1]) / 1e6 for end in ends], color=colour, lw=1)
    for axes in (left, right):
        axes.set_xlabel("certificates", color=GREY)
        axes.xaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
        axes.set_ylim(bottom=0)
    drawn.legend(loc="outside lower center", ncols=3, frameon=False, labelcolor=GREY, fontsize=9)
    return drawn


def of_step(outcome: "Outcome") -> list[Any]:
    """The table of what a step has timed."""
    starts = read(outcome.output)
    return [table(Starts(starts))] if len({each.number for each in starts}) > 1 else []


def page(measurement: Starts) -> str:
    """The plot and the table of a measurement, as HTML."""
    return as_html(figure(measurement)) + _html(table(measurement))


def _html(frame: "pd.DataFrame") -> str:
    return str(frame.to_html(border=0))


@dataclass(frozen=True, repr=False)
class Prediction:
    """The prediction for another number of certificates, by the lines through a measurement.

    :param measured: what came then; nothing before.
    """

    measurement: Starts
    number: int
    measured: Starts | None = None

    def __str__(self) -> str:
        what = "predicted" if self.measured is None else "predicted, and measured"
        return f"{self.number:,} certificates: {what}"

    def __repr__(self) -> str:
        return str(self)

    def table(self) -> "pd.DataFrame":
        """By stack: seconds and megabytes, predicted and measured."""
        import pandas as pd

        stacks = self.measured.stacks if self.measured else self.measurement.stacks
        rows = {STACKS[stack].title: self._row(stack) for stack in stacks}
        columns = (
            ["predicted", "measured", "predicted", "measured"]
            if self.measured
            else ["start", "memory"]
        )
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    def _row(self, stack: str) -> list[str]:
        seconds, octets = self.measurement.line(stack).at(self.number)
        foretold = [f"{max(0, seconds):.1f} s", f"{octets / 1e6:,.0f} MB"]
        if not self.measured:
            return foretold
        start = self.measured.of(stack)[0]
        return [
            foretold[0],
            f"{start.seconds:.1f} s",
            foretold[1],
            f"{start.kib * 1024 / 1e6:,.0f} MB",
        ]

    def _repr_html_(self) -> str:
        return _html(self.table())


def predict(measurement: Starts, number: int) -> Prediction:
    """Predict the start with this number of certificates, by the lines through a measurement."""
    return Prediction(measurement, number)


def compare(measurement: Starts, measured: Starts) -> Prediction:
    """Compare the prediction for one more number of certificates with its measurement."""
    return Prediction(measurement, measured.numbers[-1], measured)
