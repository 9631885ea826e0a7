"""What a node's tables say."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkernel import Attempt


def kind_of_route(attempt: "Attempt", node: str, address: str) -> str:
    """The type of the route that a node finds for an address; empty if it finds none."""
    found = attempt.run(node, ["ip", "-j", "route", "get", address])
    return str(json.loads(found.output)[0].get("type", "unicast")) if found.ok else ""


def routes(attempt: "Attempt", node: str, family: str, table: str = "all") -> list[dict[str, Any]]:
    """A node's routes as ``ip -j`` prints them, of family ``-4`` or ``-6``."""
    words = ["ip", "-j", "-d", family, "route", "show", "table", table]
    found: list[dict[str, Any]] = json.loads(attempt.run(node, words).output or "[]")
    return found


def has_address(attempt: "Attempt", node: str, address: str) -> bool:
    """Whether an interface of the node has that IPv6 address."""
    listing = attempt.run(node, ["ip", "-6", "-o", "address", "show", "to", address]).output
    return bool(listing.strip())


def is_on(attempt: "Attempt", node: str, name: str) -> bool:
    """Whether a setting below ``net.ipv6.conf`` is 1."""
    return attempt.run(node, ["sysctl", "-n", f"net.ipv6.conf.{name}"]).output.strip() == "1"
