"""What BlueStore does with small and with big writes, by its counters."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import looks_at
from labkernel.labs.ceph_bluestore import commands
from labkernel.labs.ceph_bluestore.topology import lab

if TYPE_CHECKING:
    import pandas as pd

    from labkernel import Attempt, Outcome

_LINE = re.compile(r"^([\w ]+): (write_small \d+, .*)$", re.MULTILINE)


def read(output: str) -> dict[str, dict[str, int]]:
    """What the step printed: of each action by how much each counter has grown."""
    return {
        what: {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", counters)}
        for what, counters in _LINE.findall(output)
    }


@looks_at()
def counted(attempt: "Attempt") -> str:
    """Small writes were put off, a big one was not, and what was read twice came from the cache."""
    expected = "small writes to be put off, and a big one not"
    found = read(attempt.output)
    if len(found) != 5:
        raise CheckFailed(expected, f"there are {len(found)} lines of counters, not five")
    little, blocks, much, _, again = found.values()
    late = "issued_deferred_writes"
    if little[late] < 10 or blocks[late] < 10 or much[late]:
        seen = f"of 10, 10 and 1 writes {little[late]}, {blocks[late]} and {much[late]} were"
        raise CheckFailed(expected, seen)
    if again["buffer_hit_bytes"] < 65536:
        seen = f"{again['buffer_hit_bytes']} bytes came from it"
        raise CheckFailed("the second reading to come from the cache", seen)
    return "small writes were put off, the big one was not, and the second reading was from memory"


def table(outcome: "Outcome") -> "pd.DataFrame | None":
    """The counters, a row for each action."""
    import pandas as pd

    if not (found := read(outcome.output)):
        return None
    shown = {what: [f"{n:,}" for n in counters.values()] for what, counters in found.items()}
    columns = list(next(iter(found.values())))
    return pd.DataFrame.from_dict(shown, orient="index", columns=columns)


small = lab.step(
    "small",
    "Write little, and write much",
    on="alpha",
    run=commands.SMALL,
    check=counted,
    wrong="ceph daemon osd.0 perf dump | jq .bluestore.write_small",
    view=table,
    timeout=300,  # seconds: where alpha is an emulated VM, thirty clients in a row take minutes
)
