"""Tables and plots of the three ways."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.docker_prefix_delegation.checks.comparing import WAYS, read

if TYPE_CHECKING:
    from labkernel import Outcome


def table(outcome: "Outcome") -> list[Any]:
    """A row for each way."""
    import pandas as pd

    rows = {
        WAYS[way][0]: (f"{first:.2f} ms", f"{again:.2f} ms", neighbours, WAYS[way][1])
        for way, (_, _, first, again, neighbours) in read(outcome.output).items()
    }
    columns = ["first answer", "again", "neighbours on the CPE", "a new container needs"]
    return [pd.DataFrame.from_dict(rows, orient="index", columns=columns)]
