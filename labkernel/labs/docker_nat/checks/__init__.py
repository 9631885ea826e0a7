"""The laptop's NAT rules, which several checks read."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Attempt


def nat_rules(attempt: "Attempt", chain: str) -> list[str]:
    """The rules of a chain of the laptop's ip6tables table nat."""
    found = attempt.run("laptop", ["ip6tables", "-t", "nat", "-S", chain]).output.splitlines()
    return [line for line in found if line.startswith("-A")]


#: the tables that ip6tables and the engine make
_USUAL = ("table ip nat", "table ip filter", "table ip6 nat", "table ip6 filter", "table ip raw")


def has_own_tables(attempt: "Attempt", node: str) -> bool:
    """True if somebody has made tables of nft, whose rules ip6tables does not show."""
    listed = attempt.run(node, ["nft", "list", "tables"]).output.splitlines()
    return any(line.strip() and not line.startswith(_USUAL) for line in listed)
