"""The laptop's NAT rules, which several checks read."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Attempt


def nat_rules(attempt: "Attempt", chain: str) -> list[str]:
    """The rules of a chain of the laptop's ip6tables table nat."""
    found = attempt.run("laptop", ["ip6tables", "-t", "nat", "-S", chain]).output.splitlines()
    return [line for line in found if line.startswith("-A")]
