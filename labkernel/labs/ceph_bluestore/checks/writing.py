"""Checks of BlueStore's counters."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import looks_at

if TYPE_CHECKING:
    from labkernel import Attempt


_LINE = re.compile(r"^([\w ]+): (write_small \d+, .*)$", re.MULTILINE)


def read(output: str) -> dict[str, dict[str, int]]:
    """Parse the step's output: the growth of each counter, by action."""
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
