"""Tables and plots of leases."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkernel import Outcome


def leases_table(outcome: "Outcome") -> Any:
    """A row for each boot."""
    import pandas as pd

    rows = re.findall(r"^bond0 is (\S+)\n.*?([\d.]+)/", outcome.output, re.MULTILINE)
    frame = pd.DataFrame(rows, columns=["bond0", "leased"], index=range(1, len(rows) + 1))
    return frame.rename_axis("boot") if rows else None
