"""How soon a directory's statistics follow what is written below it."""

import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed
from labkernel.checks import looks_at

if TYPE_CHECKING:
    from labkernel import Attempt, Outcome

_LINE = re.compile(r"^(closed|fsync)-\d: ([\d.]+) s$", re.MULTILINE)


def read(output: str) -> dict[str, list[float]]:
    """Seconds of each measurement: of files that were closed, and of those synchronized."""
    found: dict[str, list[float]] = {"closed": [], "fsync": []}
    for how, seconds in _LINE.findall(output):
        found[how].append(float(seconds))
    return found


@looks_at()
def measured(attempt: "Attempt") -> str:
    """Both were measured, and what was synchronized came sooner."""
    expected = "fsync to have the statistics follow sooner"
    found = read(attempt.output)
    if not all(found.values()):
        raise CheckFailed(expected, "not both were measured", "Run the step.")
    closed, synchronized = min(found["closed"]), min(found["fsync"])
    if synchronized >= closed:
        raise CheckFailed(expected, f"it took {synchronized:.2f} s, and {closed:.2f} s without")
    return "rbytes follow soon after fsync, and later where a file was only closed"


def table(outcome: "Outcome") -> list[Any]:
    """The measurements side by side."""
    import pandas as pd

    frame = pd.DataFrame(read(outcome.output))
    frame.columns = ["file closed (s)", "fsync before that (s)"]
    frame.index = [f"{number}." for number in range(1, len(frame) + 1)]
    return [frame]
