"""The comparison of three ways to lead packets to containers, from measurements on the CPE."""

import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed
from labkernel.checks import looks_at

if TYPE_CHECKING:
    from labkernel import Attempt, Outcome
    from labkernel.attempt import Check

COMPARE = """\
each() { for i in $(seq 101 120); do echo $1$i; done; }
ask() { fping -q -C 1 -t 2000 $(each $1) 2>&1 | awk '$3 != "-" { n++; s += $3 }
  END { printf "%d of %d answered in %.2f ms", n, NR, n ? s / n : 0 }'; }
compare() {
  echo "$1: $(ask $2), again: $(ask $2)," \\
    "$(ip -6 neigh show dev lan0 | grep -c "^$2") neighbours"
}
ip -6 neigh flush dev lan0
compare routed  2001:db8:2000:8::
compare proxied 2001:db8:1000:0:d::
compare ndppd   2001:db8:1000:0:d:e:0:"""

VOLATILE = r"in (?P<time>[\d.]+) ms"

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
    """Of each way: answered, asked, milliseconds at first and again, neighbours of the CPE."""
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


def table(outcome: "Outcome") -> list[Any]:
    """A row for each way."""
    import pandas as pd

    rows = {
        WAYS[way][0]: (f"{first:.2f} ms", f"{again:.2f} ms", neighbours, WAYS[way][1])
        for way, (_, _, first, again, neighbours) in read(outcome.output).items()
    }
    columns = ["first answer", "again", "neighbours on the CPE", "a new container needs"]
    return [pd.DataFrame.from_dict(rows, orient="index", columns=columns)]
