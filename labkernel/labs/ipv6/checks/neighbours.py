"""Checks of neighbours and duplicate addresses."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._tables import Address, addresses, require_interface

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def duplicate(node: str, interface: str, address: str) -> "Check":
    """The node has found that an address is somebody else's, by a packet that is recorded."""

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        if not _entry(attempt, node, interface, address):
            raise CheckFailed(Expected(node, f"{address} to be dadfailed"), "it is not there")
        return patient(attempt)

    def failed(attempt: "Attempt") -> str:
        entry = _entry(attempt, node, interface, address)
        if not entry or not entry.dadfailed:
            raise CheckFailed(Expected(node, f"{address} to be dadfailed"), "it is not")
        return f"{address} is dadfailed on {node}: it is somebody else's, and not used"

    patient = eventually(failed, within=5, on=node)
    return look


def repaired(node: str, interface: str, duplicate: str, own: str) -> "Check":
    """The node has an address of its own in place of the duplicate."""

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"{own}, and {duplicate} no more")
        require_interface(attempt, node, interface, expected)
        if _entry(attempt, node, interface, duplicate):
            raise CheckFailed(
                expected, f"{duplicate} is there", "`ip -6 address del …`.", permanent=True
            )
        if not _entry(attempt, node, interface, own):
            raise CheckFailed(expected, f"{own} is not there", "`ip -6 address add …/64 dev …`.")
        return patient(attempt)

    def usable(attempt: "Attempt") -> str:
        entry = _entry(attempt, node, interface, own)
        expected = Expected(node, f"{own} to be usable")
        if entry and entry.dadfailed:
            seen, hint = "it is dadfailed", "Somebody on the link has it already."
            raise CheckFailed(expected, seen, hint, permanent=True)
        if not entry or entry.tentative:
            raise CheckFailed(expected, "it is tentative", "DAD takes a second: see dad_transmits.")
        return f"{node} has {own} to itself"

    patient = eventually(usable, within=5, on=node)
    return look


def _entry(attempt: "Attempt", node: str, interface: str, address: str) -> Address | None:
    wanted = ipaddress.IPv6Address(address)
    return next((e for e in addresses(attempt, node, interface) if e.ip == wanted), None)


def resolved(address: str) -> "Check":
    """The recording has a Neighbor Solicitation for an address and the Advertisement for it."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        about = {(p.kind, getattr(p.message, "target", "")) for p in attempt.packets}
        for kind, name in (("NS", "Neighbor Solicitation"), ("NA", "Neighbor Advertisement")):
            if (kind, address) not in about:
                raise CheckFailed(
                    f"a {name} for {address} on the link",
                    "none was recorded",
                    "A neighbour that is known is not asked for: flush the table first.",
                )
        return f"a Neighbor Solicitation asked for {address}, and an Advertisement came"

    return eventually(look, within=2)
