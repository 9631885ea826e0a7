"""Checks of the route to the delegated prefix."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on, reaches
from labkernel.labs._tables import addresses, link_locals, route_to, routes

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def no_route(node: str, prefix: str) -> "Check":
    """The node has no route to the prefix."""

    @looks_at(on(node, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        if entry := route_to(attempt, node, prefix):
            raise CheckFailed(
                Expected(node, f"no route to {prefix}"),
                f"it has one via {entry.get('gateway', entry.get('dev'))}",
                f"Delete it: `ip -6 route flush {prefix}`.",
            )
        return f"{node} has no route to {prefix}"

    return look


def hooked(node: str, prefix: str) -> "Check":
    """The server's hook has made a route to the prefix, by the CPE."""

    @looks_at(on(node, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"a route to {prefix}, made by Kea's hook")
        entry = route_to(attempt, node, prefix)
        if entry is None:
            raise CheckFailed(expected, "it has none", "Has the CPE asked since the restart?")
        if entry.get("protocol") != "dhcp":
            raise CheckFailed(expected, f"its protocol is {entry.get('protocol')}")
        return f"{node} has a route to {prefix} via {entry['gateway']}, made by Kea's hook"

    return look


def led(prefix: str, address: str) -> "Check":
    """The ISP leads the whole of the delegated prefix to the CPE, and the Internet gets there."""
    reached = reaches("internet", address, at="pc")

    @looks_at(on("isp", Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        if mistake := _at_the_isp(attempt, prefix):
            raise CheckFailed(Expected("isp", f"a route to {prefix} by the CPE"), *mistake)
        return f"isp leads {prefix} to cpe, and {reached(attempt)}"

    return look


def _at_the_isp(attempt: "Attempt", prefix: str) -> tuple[str, str] | None:
    """The usual mistakes with the ISP's route: what is seen, and what to try."""
    entry = route_to(attempt, "isp", prefix)
    if entry is None:
        return _no_such_route(attempt, prefix)
    gateway, device = entry.get("gateway", ""), entry.get("dev", "")
    if not gateway:
        return (
            f"its route has no next hop on {device}",
            "Without `via` it looks for each address among its neighbours: name the CPE.",
        )
    cpe = [
        *link_locals(attempt, "cpe", "wan0"),
        *(str(a.ip) for a in addresses(attempt, "cpe", "wan0")),
    ]
    if gateway not in cpe:
        return (
            f"its next hop is {gateway}",
            (
                f"The CPE is {cpe[0]} on the WAN: an address of its other side, or the ISP's own, "
                "is no next hop."
            ),
        )
    if device != "eth1":
        return f"it goes out by {device}", "The CPE is on eth1."
    return None


def _no_such_route(attempt: "Attempt", prefix: str) -> tuple[str, str]:
    whole = ipaddress.IPv6Network(prefix)
    for other in ("internet", "cpe"):
        if route_to(attempt, other, prefix):
            return f"{other} has it", "It is the ISP that has to know: delete it there."
    near = [each["dst"] for each in routes(attempt, "isp") if "/" in each["dst"]]
    nets = [ipaddress.IPv6Network(text) for text in near]
    if parts := [net for net in nets if net != whole and whole.supernet_of(net)]:
        return (
            f"it has one for {parts[0]} alone",
            f"The CPE may use any part of {prefix}: one route for all of it.",
        )
    if larger := [net for net in nets if net.prefixlen > 3 and net.supernet_of(whole)]:
        return (
            f"it has one for {larger[0]}",
            f"That takes other customers' prefixes along: the CPE has {prefix}.",
        )
    return "it has none", "Kea has delegated the prefix, and the kernel was not told."
