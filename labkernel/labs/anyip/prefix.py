"""Checks of a prefix that a machine takes for its own, and of the way to it."""

import ipaddress
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on, reaches
from labkernel.labs.anyip.tables import kind_of_route, routes

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
    """What was done in place of it, and what to try."""
    entries = routes(attempt, node, family)
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


def led(prefix: str, address: str) -> "Check":
    """The client reaches an address of the prefix, the router leads to it, the server has it."""
    reached = reaches("client", address, at="server")

    @looks_at(on("router", Kind.ROUTE), on("server", Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        try:
            return reached(attempt)
        except CheckFailed as failure:
            hint = _wrong_turn(attempt, prefix, address)
            raise CheckFailed(failure.expected, failure.seen, hint or failure.hint) from None

    return look


def _wrong_turn(attempt: "Attempt", prefix: str, address: str) -> str:
    """The usual mistakes with the router's route; empty if it is none of them."""
    if kind_of_route(attempt, "server", address) != "local":
        return f"The server does not take {prefix} for its own any more: see the step before."
    if kind_of_route(attempt, "router", address) == "local":
        return "Now it is the router that takes the packets. Delete that, and give it a route."
    entries = [entry for entry in routes(attempt, "router", "-6", "main") if "/" in entry["dst"]]
    for entry in entries:
        if entry["dst"] == prefix:
            return _wrong_hop(entry)
    for other in ("client", "server"):
        if any(e["dst"] == prefix and "gateway" in e for e in routes(attempt, other, "-6", "main")):
            return f"You gave the route to the {other}. It is the router that has to know."
    links = ("2001:db8:1::/64", "2001:db8:2::/64", "fe80::/64")
    if typos := [entry["dst"] for entry in entries if entry["dst"] not in links]:
        return f"The router has a route to {typos[0]}: compare it with {prefix}, digit by digit."
    return ""


def _wrong_hop(entry: dict[str, Any]) -> str:
    gateway = entry.get("gateway")
    if gateway is None:
        return (
            f"The router's route has no `via`: it takes the prefix to be on its {entry['dev']}, "
            "and looks for each address among its neighbours. Name the server as the next hop: "
            "`ip -6 route replace …` puts one route in place of another."
        )
    if gateway != "2001:db8:2::2":
        return (
            f"The next hop {gateway} is not the server, which is 2001:db8:2::2 on that link. "
            "`ip -6 route replace …` puts one route in place of another."
        )
    return ""
