"""Checks of the routed prefix."""

import ipaddress
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed
from labkernel.checks import looks_at
from labkernel.labs._attached import kind_of_route, routed
from labkernel.labs._tables import all_routes

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def led(prefix: str, address: str) -> "Check":
    """The client reaches an address of the prefix, the router leads to it, the server has it."""
    hint = partial(_wrong_turn, prefix=prefix, address=address)
    return routed(prefix, address, start="client", by="router", end="server", hint=hint)


def _wrong_turn(attempt: "Attempt", prefix: str, address: str) -> str:
    """The usual mistakes with the router's route; empty if it is none of them."""
    if kind_of_route(attempt, "server", address) != "local":
        return f"The server does not take {prefix} for its own any more: see the step before."
    if kind_of_route(attempt, "router", address) == "local":
        return "Now it is the router that takes the packets. Delete that, and give it a route."
    entries = [
        entry for entry in all_routes(attempt, "router", "-6", "main") if "/" in entry["dst"]
    ]
    for entry in entries:
        if entry["dst"] == prefix:
            return _wrong_hop(entry)
    for other in ("client", "server"):
        if any(
            e["dst"] == prefix and "gateway" in e for e in all_routes(attempt, other, "-6", "main")
        ):
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


_ADDRESS = r"[0-9a-f:.]*[0-9a-f]"


def alive(count: int, prefix: str) -> "Check":
    """The step saw as many addresses of the prefix alive as it should have."""
    return _distinct(rf"^({_ADDRESS}) is alive$", count, prefix, "alive")


def asked(count: int, prefix: str) -> "Check":
    """The web server told as many addresses of the prefix as it should have."""
    return _distinct(rf"^you asked ({_ADDRESS})$", count, prefix, "told by the web server")


def _distinct(pattern: str, count: int, prefix: str, what: str) -> "Check":
    net = ipaddress.ip_network(prefix)

    @looks_at()
    def look(attempt: "Attempt") -> str:
        output = attempt.output
        found = {ipaddress.ip_address(text) for text in re.findall(pattern, output, re.MULTILINE)}
        inside = [ip for ip in found if ip in net]
        if len(inside) < count:
            raise CheckFailed(
                f"{count} different addresses of {prefix}, {what}",
                f"there are {len(inside)}",
            )
        return f"{len(inside)} different addresses of {prefix} are {what}"

    return look
