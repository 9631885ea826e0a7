"""Checks of the route to the delegated prefix."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, ip_json, looks_at, on, reaches
from labkernel.labs._attached import random_address
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
        return f"{node} has a route to {prefix} via {entry.get('gateway')}, made by Kea's hook"

    return look


def led(prefix: str, address: str) -> "Check":
    """The ISP routes the whole of the delegated prefix to the CPE, by whatever entries, and nothing
    of other customers; the Internet gets there."""
    reached = reaches("internet", address, at="pc")
    whole = ipaddress.IPv6Network(prefix)

    @looks_at(on("isp", Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("isp", f"a route to {prefix} by the CPE")
        cpe = {*link_locals(attempt, "cpe", "wan0"), *_global(attempt)}
        samples = [whole[1], whole[-1], *(random_address(whole) for _ in range(5))]
        if not all(_hop(attempt, str(ip)) in [(hop, "eth1") for hop in cpe] for ip in samples):
            raise CheckFailed(expected, *_at_the_isp(attempt, prefix, sorted(cpe)), permanent=True)
        if other := _of_others(attempt, whole, cpe):
            raise CheckFailed(
                expected,
                f"{other} goes to the CPE as well",
                f"That takes other customers' prefixes along: the CPE has {prefix}.",
                permanent=True,
            )
        return f"isp leads {prefix} to cpe, and {reached(attempt)}"

    return look


def _global(attempt: "Attempt") -> list[str]:
    return [str(each.ip) for each in addresses(attempt, "cpe", "wan0")]


def _hop(attempt: "Attempt", address: str) -> tuple[str, str]:
    """The next hop of the ISP's route to an address, and its interface."""
    entry = (ip_json(attempt, "isp", "route", "get", address) or [{}])[0]
    return str(entry.get("gateway", "")), str(entry.get("dev", ""))


def _of_others(attempt: "Attempt", whole: ipaddress.IPv6Network, cpe: set[str]) -> str:
    """An address outside of the prefix that goes to the CPE as well; empty if there is none."""
    pool = whole.supernet(new_prefix=48)
    others = [whole[-1] + 1, pool[-1], *(random_address(pool) for _ in range(3))]
    outside = [str(ip) for ip in others if ip not in whole]
    return next((ip for ip in outside if _hop(attempt, ip)[0] in cpe), "")


def _at_the_isp(attempt: "Attempt", prefix: str, cpe: list[str]) -> tuple[str, str]:
    """The usual mistakes with the ISP's route: what is seen, and what to try."""
    entry = route_to(attempt, "isp", prefix)
    if entry is None:
        return _no_such_route(attempt, prefix)
    if kind := str(entry.get("type", "unicast")).replace("unicast", ""):
        return f"its route is of type {kind}", "The packets are to be sent on: `via` the CPE."
    gateway, device = entry.get("gateway", ""), entry.get("dev", "")
    if not gateway:
        return (
            f"its route has no next hop on {device}",
            "Without `via` it looks for each address among its neighbours: name the CPE.",
        )
    if gateway not in cpe:
        return (
            f"its next hop is {gateway}",
            (
                f"The CPE is {cpe[-1] if cpe else 'unknown'} on the WAN: an address of its other "
                "side, or the ISP's own, is no next hop."
            ),
        )
    if device != "eth1":
        return f"it goes out by {device}", "The CPE is on eth1."
    return f"a part of {prefix} goes elsewhere", "`ip -6 route` shows a longer prefix in it."


def _no_such_route(attempt: "Attempt", prefix: str) -> tuple[str, str]:
    whole = ipaddress.IPv6Network(prefix)
    for other in ("internet", "cpe"):
        if route_to(attempt, other, prefix):
            return f"{other} has it", "It is the ISP that has to know: delete it there."
    nets = [net for entry in routes(attempt, "isp") if (net := _net(entry["dst"]))]
    if parts := [net for net in nets if net != whole and whole.supernet_of(net)]:
        return (
            f"it has one for {' and '.join(map(str, parts))} alone",
            f"The CPE may use any part of {prefix}: one route for all of it.",
        )
    if larger := [net for net in nets if net.prefixlen > 3 and net.supernet_of(whole)]:
        return (
            f"it has one for {larger[0]}",
            f"That takes other customers' prefixes along: the CPE has {prefix}.",
        )
    return "it has none", "Kea has delegated the prefix, and the kernel was not told."


def _net(text: str) -> ipaddress.IPv6Network | None:
    """The prefix of a route; ``None`` of a default route."""
    try:
        return ipaddress.IPv6Network(text)
    except ValueError:
        return None
