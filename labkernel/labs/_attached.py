"""The prefix that a machine takes for its own, by a route of type local."""

import ipaddress
import random
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, follow, ip_json, looks_at, on, reaches
from labkernel.labs._tables import all_routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkernel import Attempt
    from labkernel.attempt import Check

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def attached(node: str, prefix: str) -> "Check":
    """The node takes every address of the prefix for its own: its first, its last, and some that
    are chosen at random each time."""
    net = ipaddress.ip_network(prefix)
    family = f"-{net.version}"

    @looks_at(on(node, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        samples = [net[1], net[-2], *(random_address(net) for _ in range(5))]
        if all(kind_of_route(attempt, node, str(ip)) == "local" for ip in samples):
            return f"{node} takes every address of {prefix} for its own"
        expected = Expected(node, f"every address of {prefix} to be its own")
        raise CheckFailed(expected, *_not_attached(attempt, node, net, family), permanent=True)

    return look


def random_address(net: "Network") -> "ipaddress.IPv4Address | ipaddress.IPv6Address":
    """An address of a prefix that nobody can foretell."""
    return net[random.randrange(1, net.num_addresses - 1)]


def routed(
    prefix: str, address: str, *, start: str, by: str, end: str, hint: "Callable[[Attempt], str]"
) -> "Check":
    """A node reaches an address of a prefix, and the prefix is routed to the node that takes it.

    :param by: the node whose route leads there.
    :param hint: what to try where the address is not reached; empty if it has nothing to say.
    """
    reached = reaches(start, address, at=end)

    @looks_at(on(by, Kind.ROUTE), on(end, Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        try:
            seen = reached(attempt)
        except CheckFailed as failure:
            better = hint(attempt) or failure.hint
            raise CheckFailed(failure.expected, failure.seen, better) from None
        _require_way(attempt, start, prefix, end)
        return seen

    return look


def _require_way(attempt: "Attempt", start: str, prefix: str, end: str) -> None:
    """Raise CheckFailed unless addresses of a prefix that are chosen at random are routed from one
    node to another, which takes them."""
    net = ipaddress.ip_network(prefix)
    for ip in [net[1], net[-2], *(random_address(net) for _ in range(3))]:
        way = follow(attempt, start, str(ip))
        if way.fault or way.nodes[-1] != end:
            seen = f"{ip} does not get there: {way.fault or f'{way.nodes[-1]} takes it'}"
            expected = Expected("", f"every address of {prefix} to lead to {end}")
            hint = "A route is for the whole prefix, not for one address of it."
            raise CheckFailed(expected, seen, hint, permanent=way.certain)


def _not_attached(attempt: "Attempt", node: str, net: "Network", family: str) -> tuple[str, str]:
    """The route that there is instead, and a hint."""
    entries = all_routes(attempt, node, family)
    if found := _in_part(entries, net, family) or _without_type(entries, node, net, family):
        return found
    for other in attempt.topology.nodes:
        if other.name != node and kind_of_route(attempt, other.name, str(net[1])) == "local":
            return (
                f"it is {other.name} that takes them",
                f"Delete the route there and add it on {node}.",
            )
    if typos := [text for entry in entries if (text := _made_local(entry, net))]:
        return f"the prefix that it takes is {typos[0]}", "Compare the two, digit by digit."
    return "none is", "Which type of route makes a kernel take packets for its own?"


def _without_type(
    entries: list[dict[str, Any]], node: str, net: "Network", family: str
) -> tuple[str, str] | None:
    """A route to the whole prefix that is of another type, or in a table that nobody asks."""
    for entry in entries:
        kind, table = entry.get("type", "unicast"), str(entry.get("table", "main"))
        if _net(entry) != net:
            continue
        if kind != "local":
            return (
                f"{node}'s route to it is of type {kind}, by {entry.get('dev', 'lo')}",
                (
                    f"Delete it (`ip {family} route del {net}`) and say `local`: "
                    "the type decides that packets are taken and not sent on."
                ),
            )
        if table not in ("local", "main", "default"):
            return (
                f"its route of type local is in the table {table}",
                (
                    f"`ip {family} rule` says which tables are asked. Without `table` it goes to "
                    "the table local."
                ),
            )
    return None


def _in_part(entries: list[dict[str, Any]], net: "Network", family: str) -> tuple[str, str] | None:
    """Routes of type local to parts of the prefix."""
    inside = [_net(entry) for entry in entries if entry.get("type") == "local"]
    parts = [part for part in inside if part and part != net and _covers(net, part)]
    longer = [part for part in parts if part.num_addresses > 1]
    if longer:
        return (
            f"only {' and '.join(map(str, longer))} is",
            f"The route is for a part of it: its prefix length must be {net.prefixlen}.",
        )
    if parts:
        return (
            f"only {parts[0].network_address} is",
            (
                "An address is one address, whatever prefix length stands behind it. The whole "
                f"prefix needs a route: `ip {family} route add local {net} dev lo`."
            ),
        )
    return None


def _covers(whole: "Network", part: "Network") -> bool:
    return whole.version == part.version and part.network_address in whole


def _net(entry: dict[str, Any]) -> "Network | None":
    """The prefix of a route; ``None`` of a default route."""
    try:
        return ipaddress.ip_network(str(entry.get("dst", "")))
    except ValueError:
        return None


def _made_local(entry: dict[str, Any], net: "Network") -> str:
    """The prefix of a route of type local, as long as the right one, that was added by hand."""
    found = _net(entry) if entry.get("type") == "local" else None
    if found is None or found.is_loopback or found.prefixlen != net.prefixlen:
        return ""
    return "" if _covers(net, found) else str(found)


def kind_of_route(attempt: "Attempt", node: str, address: str) -> str:
    """The type of the route that a node finds for an address; empty if it finds none."""
    found = ip_json(attempt, node, "route", "get", address)
    return str(found[0].get("type", "unicast")) if found else ""
