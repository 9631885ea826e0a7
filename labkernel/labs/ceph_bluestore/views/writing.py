"""BlueStore's counters as a table."""

from typing import TYPE_CHECKING

from labkernel.labs.ceph_bluestore.checks.writing import read

if TYPE_CHECKING:
    import pandas as pd

    from labkernel import Outcome


def table(outcome: "Outcome") -> "pd.DataFrame | None":
    """The counters, a row for each action."""
    import pandas as pd

    if not (found := read(outcome.output)):
        return None
    shown = {what: [f"{n:,}" for n in counters.values()] for what, counters in found.items()}
    columns = list(next(iter(found.values())))
    return pd.DataFrame.from_dict(shown, orient="index", columns=columns)
