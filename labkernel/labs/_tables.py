"""Routes, addresses, settings and daemons of nodes, for the labs of networks."""

import ipaddress
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.command import Result


@dataclass(frozen=True)
class Announced:
    """A prefix of a Router Advertisement, with its preferred lifetime in seconds."""

    prefix: str
    preferred: int


_PREFIX = re.compile(
    r"^ *Prefix +: (\S+)$(.*?)Pref\. time +: +\S+ \((0x[0-9a-f]+)\)", re.MULTILINE | re.DOTALL
)


def announced_on(attempt: "Attempt", node: str, interface: str) -> tuple[str, list[Announced]]:
    """Solicit a router: the link-local address of the one that answers, and its prefixes.

    :returns: an empty address if none answers within a second.
    """
    found = attempt.run(node, ["rdisc6", "-1", "-r", "1", "-w", "1000", interface])
    router = re.search(r"^ *from (fe80\S+)$", found.output, re.MULTILINE)
    prefixes = [Announced(m[1], int(m[3], 16)) for m in _PREFIX.finditer(found.output)]
    return (router[1], prefixes) if router else ("", [])


def solicit(attempt: "Attempt", node: str, interface: str) -> "Result":
    """Solicit a router by rdisc6, twice if need be, and wait for 1.5 s each time."""
    return attempt.run(node, ["rdisc6", "-1", "-r", "2", "-w", "1500", interface])


def routes(attempt: "Attempt", node: str, table: str = "main") -> list[dict[str, Any]]:
    """A node's IPv6 routes as ``ip -j`` prints them."""
    words = ["ip", "-j", "-d", "-6", "route", "show", "table", table]
    found: list[dict[str, Any]] = json.loads(attempt.run(node, words).output or "[]")
    return found


def route_to(attempt: "Attempt", node: str, prefix: str) -> dict[str, Any] | None:
    """A node's entry for exactly that prefix."""
    return next((entry for entry in routes(attempt, node) if entry["dst"] == prefix), None)


def gateways(attempt: "Attempt", node: str, *protocols: str) -> list[str]:
    """The gateways of a node's default routes.

    :param protocols: where the routes may come from (``ra``, ``boot`` …); from anywhere if none.
    """
    found = [entry for entry in routes(attempt, node) if entry["dst"] == "default"]
    return [e.get("gateway", "") for e in found if not protocols or e["protocol"] in protocols]


@dataclass(frozen=True)
class Address:
    """A global address of an interface."""

    interface: ipaddress.IPv6Interface
    deprecated: bool
    tentative: bool
    dynamic: bool
    temporary: bool
    dadfailed: bool

    @property
    def ip(self) -> ipaddress.IPv6Address:
        """The address without its prefix length."""
        return self.interface.ip


def addresses(attempt: "Attempt", node: str, interface: str) -> list[Address]:
    """The global IPv6 addresses of a node's interface."""
    words = ["ip", "-j", "-6", "address", "show", "dev", interface, "scope", "global"]
    listed = json.loads(attempt.run(node, words).output or "[]")
    return [
        Address(
            ipaddress.IPv6Interface(f"{info['local']}/{info['prefixlen']}"),
            bool(info.get("deprecated")) or info.get("preferred_life_time") == 0,
            bool(info.get("tentative")),
            bool(info.get("dynamic")),
            bool(info.get("temporary")),
            bool(info.get("dadfailed")),
        )
        for link in listed
        for info in link.get("addr_info", ())
        if info  # of an address that the scope leaves out, ip prints {}
    ]


def has_address(attempt: "Attempt", node: str, address: str) -> bool:
    """True if an interface of the node has that IPv6 address."""
    listing = attempt.run(node, ["ip", "-6", "-o", "address", "show", "to", address]).output
    return bool(listing.strip())


def is_on(attempt: "Attempt", node: str, name: str) -> bool:
    """True if a setting below ``net.ipv6.conf`` is 1."""
    return setting(attempt, node, name) == "1"


def setting(attempt: "Attempt", node: str, name: str) -> str:
    """A setting below ``net.ipv6.conf``."""
    return attempt.run(node, ["sysctl", "-n", f"net.ipv6.conf.{name}"]).output.strip()


def runs(attempt: "Attempt", node: str, program: str) -> bool:
    """True if a program of that name runs on the node."""
    return attempt.run(node, ["pgrep", "-x", program]).ok


def link_locals(attempt: "Attempt", node: str, interface: str) -> list[str]:
    """The link-local addresses of a node's interface."""
    words = ["ip", "-j", "-6", "address", "show", "dev", interface, "scope", "link"]
    listed = json.loads(attempt.run(node, words).output or "[]")
    return [info["local"] for link in listed for info in link.get("addr_info", ()) if info]
