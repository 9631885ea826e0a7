"""A configuration's summary as a table."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame

    from labkernel import Outcome


def table(outcome: "Outcome") -> "DataFrame":
    """The summary of a configuration: what it has of each kind."""
    import pandas as pd

    rows = []
    for kind, value in json.loads(outcome.output.splitlines()[-1]).items():
        several = value if isinstance(value, list) else [value]
        rows += [(kind if place == 0 else "", each) for place, each in enumerate(several)]
    return pd.DataFrame(rows, columns=["", "it asks for"]).set_index("")
