"""Checks of renumbering."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, both, eventually, looks_at, on, reaches
from labkernel.labs._tables import addresses
from labkernel.labs.prefix_delegation.checks.delegating import advertised

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def moved(node: str, old: str, new: str, address: str) -> "Check":
    """The node prefers the new prefix, the old one is deprecated, and the Internet reaches it."""

    @looks_at(sends=True)
    def announces(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"it to announce {new}, and {old} as deprecated")
        about = advertised(attempt, node, expected)
        if about.lifetime == 0:
            seen = "its advertisement has a router lifetime of 0"
            raise CheckFailed(expected, seen, "0 is no default router: see AdvDefaultLifetime.")
        found = {str(each.net): each.preferred for each in about.prefixes}
        if not found.get(new):
            seen = f"{new} is not announced" + (" as preferred" if new in found else "")
            raise CheckFailed(expected, seen, "lan0 has an address of the new prefix: announce it.")
        if old not in found:
            raise CheckFailed(
                expected,
                f"{old} is not mentioned any more",
                "Then the PC keeps its old address as preferred, for hours: say that it is over.",
            )
        if found[old] != 0:
            raise CheckFailed(
                expected,
                f"{old} is announced as preferred for {found[old]} s",
                "A preferred lifetime of 0 makes it deprecated.",
            )
        return f"cpe announces {new}, and takes {old} back"

    return both(
        announces, eventually(_prefers(node, old, new), on=node), reaches("internet", address)
    )


def _prefers(node: str, old: str, new: str) -> "Check":
    before, after = ipaddress.IPv6Network(old), ipaddress.IPv6Network(new)

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        own = [each for each in addresses(attempt, node, "eth0") if not each.tentative]
        expected = Expected(node, f"a preferred address of {new}, and none of {old}")
        if not any(each.ip in after and not each.deprecated for each in own):
            raise CheckFailed(expected, f"it has no preferred address of {new}")
        if kept := [each for each in own if each.ip in before and not each.deprecated]:
            raise CheckFailed(expected, f"it prefers {kept[0].ip} still")
        return f"{node} prefers its address of {new}"

    return look
