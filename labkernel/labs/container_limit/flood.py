"""What one broadcast costs on a bridge with many ports."""

import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed
from labkernel.checks import looks_at

if TYPE_CHECKING:
    from labkernel import Attempt, Outcome
    from labkernel.attempt import Check

_LINE = re.compile(
    r"^(\d+) ports: (\d+) frames, (\d+) copies, (\d+) arrived, ([\d.]+) ms a frame$", re.MULTILINE
)


def read(output: str) -> list[tuple[int, int, int, int, float]]:
    """Ports, frames, copies, arrived, and milliseconds a frame, of each measurement."""
    return [
        (int(ports), int(frames), int(copies), int(arrived), float(time))
        for ports, frames, copies, arrived, time in _LINE.findall(output)
    ]


def measured(*ports: int) -> "Check":
    """Each number of ports was measured; on the small bridge every copy arrived."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = read(attempt.output)
        expected = f"measurements with {', '.join(map(str, ports))} ports"
        if [each[0] for each in found] != list(ports):
            seen = f"there are {', '.join(str(each[0]) for each in found) or 'none'}"
            raise CheckFailed(expected, seen)
        if found[0][2] != found[0][3]:
            raise CheckFailed(expected, f"with {found[0][0]} ports copies were lost")
        if found[-1][3] <= found[0][3]:
            raise CheckFailed(expected, "more ports did not make more copies")
        return f"one frame becomes {found[0][0] - 1} copies, or {found[-1][0] - 1}"

    return look


def plot(outcome: "Outcome") -> list[Any]:
    """A table: what was made of each frame, and what of that was lost."""
    import pandas as pd

    rows = {
        ports: (copies // frames, f"{(copies - arrived) / frames:.0f}", f"{time:.2f} ms")
        for ports, frames, copies, arrived, time in read(outcome.output)
    }
    columns = ["copies of a frame", "of these lost", "time for a frame"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index.name = "ports"
    return [table]
