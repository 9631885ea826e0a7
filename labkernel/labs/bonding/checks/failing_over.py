"""Checks of failover."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import looks_at

if TYPE_CHECKING:
    from labkernel import Attempt


def packets_lost(attempt: "Attempt", sent: int) -> int:
    """The number of lost packets of a ping.

    :raises CheckFailed: half of them, or more.
    """
    found = re.search(rf"{sent} packets transmitted, (\d+) received", attempt.output)
    received = int(found[1]) if found else 0
    if received <= sent // 2:
        raise CheckFailed(f"more than {sent // 2} of {sent} replies", f"got {received}")
    return sent - received


@looks_at()
def went_on(attempt: "Attempt") -> str:
    """The member in use lost its carrier, and most packets came back, by another one."""
    lost = packets_lost(attempt, 200)
    seen = re.search(r"^(eth\d) is (\w+), bond0 uses (eth\d)$", attempt.output, re.MULTILINE)
    if not seen or seen[2] != "down" or seen[1] == seen[3]:
        said = f"saw {seen[0]}" if seen else "saw nothing of it"
        raise CheckFailed("a member that is down, and another one in use", said)
    return f"bond0 went on by {seen[3]}; packets lost: {lost} of 200"
