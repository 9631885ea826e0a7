"""How soon statistics follow, as a table."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.cephfs_rstats.checks.accounting import read

if TYPE_CHECKING:
    from labkernel import Outcome


def table(outcome: "Outcome") -> list[Any]:
    """The measurements side by side."""
    import pandas as pd

    frame = pd.DataFrame(read(outcome.output))
    frame.columns = ["file closed (s)", "fsync before that (s)"]
    frame.index = [f"{number}." for number in range(1, len(frame) + 1)]
    return [frame]
