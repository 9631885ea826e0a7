"""A configuration's summary as a table."""

import json
from typing import TYPE_CHECKING, Any

from labkernel.errors import last_line

if TYPE_CHECKING:
    from pandas import DataFrame

    from labkernel import Outcome


def _summary(output: str) -> dict[str, Any]:
    """The last line of an output, where it is JSON; else nothing."""
    try:
        found = json.loads(last_line(output, len(output)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def table(outcome: "Outcome") -> "DataFrame":
    """The summary of a configuration: what it has of each kind."""
    import pandas as pd

    rows = []
    for kind, value in _summary(outcome.output).items():
        several = value if isinstance(value, list) else [value]
        rows += [(kind if index == 0 else "", each) for index, each in enumerate(several)]
    return pd.DataFrame(rows, columns=["", "it asks for"]).set_index("")
