"""The prefix that a machine takes for its own, by a route of type local."""

import ipaddress
import json
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def attached(node: str, prefix: str) -> "Check":
    """The node takes every address of the prefix for its own: its first, its last, and others."""
    net = ipaddress.ip_network(prefix)
    samples = [net[1], net[net.num_addresses // 3], net[-2]]
    family = f"-{net.version}"

    @looks_at(on(node, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        own = [ip for ip in samples if kind_of_route(attempt, node, str(ip)) == "local"]
        if len(own) == len(samples):
            return f"{node} takes every address of {prefix} for its own"
        expected = Expected(node, f"every address of {prefix} to be its own")
        if own:
            raise CheckFailed(
                expected,
                f"only {own[0]} is",
                "An address is one address, whatever prefix length stands behind it. The whole "
                f"prefix needs a route: `ip {family} route add local {prefix} dev lo`.",
            )
        raise CheckFailed(expected, *_not_attached(attempt, node, net, family))

    return look


def _not_attached(attempt: "Attempt", node: str, net: "Network", family: str) -> tuple[str, str]:
    """The route that there is instead, and a hint."""
    entries = all_routes(attempt, node, family)
    for entry in entries:
        if entry["dst"] == str(net) and entry.get("type") != "local":
            kind, device = entry.get("type", "unicast"), entry.get("dev", "lo")
            return (
                f"{node}'s route to it is of type {kind}, by {device}",
                (
                    f"Delete it (`ip {family} route del {net}`) and say `local`: "
                    "the type decides that packets are taken and not sent on."
                ),
            )
    for other in attempt.topology.nodes:
        if other.name != node and kind_of_route(attempt, other.name, str(net[1])) == "local":
            return (
                f"it is {other.name} that takes them",
                f"Delete the route there and add it on {node}.",
            )
    if typos := [text for entry in entries if (text := _made_local(entry, net))]:
        return f"the prefix that it takes is {typos[0]}", "Compare the two, digit by digit."
    return "none is", "Which type of route makes a kernel take packets for its own?"


def _made_local(entry: dict[str, Any], net: "Network") -> str:
    """The prefix of a route of type local that was added by hand."""
    text = str(entry["dst"])
    is_prefix = "/" in text and entry.get("type") == "local" and not text.startswith("127.")
    near = is_prefix and not net.overlaps(ipaddress.ip_network(text))
    return text if near and text.split("/")[1] == str(net.prefixlen) else ""


def kind_of_route(attempt: "Attempt", node: str, address: str) -> str:
    """The type of the route that a node finds for an address; empty if it finds none."""
    found = attempt.run(node, ["ip", "-j", "route", "get", address])
    return str(json.loads(found.output)[0].get("type", "unicast")) if found.ok else ""


def all_routes(
    attempt: "Attempt", node: str, family: str, table: str = "all"
) -> list[dict[str, Any]]:
    """A node's routes as ``ip -j`` prints them, of family ``-4`` or ``-6``."""
    words = ["ip", "-j", "-d", family, "route", "show", "table", table]
    found: list[dict[str, Any]] = json.loads(attempt.run(node, words).output or "[]")
    return found
