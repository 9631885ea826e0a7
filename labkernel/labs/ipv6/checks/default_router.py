"""Checks of the router lifetime."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._advertised import solicited
from labkernel.labs._tables import addresses, gateways

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def no_default_router(node: str, interface: str) -> "Check":
    """The router says that it is no default router, and the node has no such route any more."""

    @looks_at(on(node, Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        announced(attempt)
        return gone(attempt)

    def advertisement(attempt: "Attempt") -> str:
        expected = Expected(node, "advertisements with a router lifetime of 0")
        found = solicited(attempt, node, interface)
        if not found or found.lifetime:
            seen = f"it is {found.lifetime} s" if found else "no router answers"
            raise CheckFailed(expected, seen, "AdvDefaultLifetime 0; and radvd must read it: HUP.")
        return "the router says that it is no default router"

    def without(attempt: "Attempt") -> str:
        if gateways(attempt, node):
            raise CheckFailed(Expected(node, "no default route"), "it has one")
        if not addresses(attempt, node, interface):
            raise CheckFailed(Expected(node, "its addresses"), "it has none")
        return f"{node} has no default route any more, and keeps its addresses"

    announced = eventually(advertisement, within=2)
    gone = eventually(without, within=5, on=node)
    return look
