"""Checks of the three ways."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import looks_at

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

WAYS = {
    "routed": ("a /64, routed to the host", "nothing"),
    "proxied": ("on the link, the kernel's proxy", "an entry: `ip -6 neigh add proxy`"),
    "ndppd": ("on the link, ndppd", "nothing, once the range has a rule"),
}
_LINE = re.compile(
    r"^(\w+): (\d+) of (\d+) answered in ([\d.]+) ms, "
    r"again: (\d+) of \d+ answered in ([\d.]+) ms, (\d+) neighbours$",
    re.MULTILINE,
)


def read(output: str) -> dict[str, tuple[int, int, float, float, int]]:
    """The figures of each way: answers, requests, milliseconds at first and again, neighbours."""
    return {
        way: (int(got), int(of), float(first), float(again), int(neighbours))
        for way, got, of, first, _, again, neighbours in _LINE.findall(output)
    }


def compared() -> "Check":
    """All ways were measured, all addresses answered, and only routing costs no neighbours."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = read(attempt.output)
        expected = f"measurements of {', '.join(WAYS)}"
        if missing := [way for way in WAYS if way not in found]:
            raise CheckFailed(expected, f"there is none of {missing[0]}")
        for way, (got, of, _, _, neighbours) in found.items():
            if got != of:
                raise CheckFailed(expected, f"of {way} only {got} of {of} answered")
            if (neighbours == 0) != (way == "routed"):
                raise CheckFailed(expected, f"{way} left {neighbours} neighbours")
        return "all answered; the routed ones left no neighbour entries on the CPE"

    return look
