"""Routes, addresses, settings and daemons of nodes, for the labs of networks."""

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed
from labkernel.checks import ip_json
from labkernel.labs._processes import is_stopped, states_of

if TYPE_CHECKING:
    from labkernel import Attempt, Expected


def routes(attempt: "Attempt", node: str, table: str = "main") -> list[dict[str, Any]]:
    """A node's IPv6 routes as ``ip -j`` prints them."""
    return all_routes(attempt, node, "-6", table)


def all_routes(
    attempt: "Attempt", node: str, family: str, table: str = "all"
) -> list[dict[str, Any]]:
    """A node's routes as ``ip -j`` prints them, of family ``-4`` or ``-6``."""
    found = ip_json(attempt, node, "-d", family, "route", "show", "table", table)
    return [entry for entry in found if "dst" in entry]


def route_to(attempt: "Attempt", node: str, prefix: str) -> dict[str, Any] | None:
    """A node's entry for exactly that prefix."""
    return next((entry for entry in routes(attempt, node) if entry["dst"] == prefix), None)


def gateways(attempt: "Attempt", node: str, *protocols: str) -> list[str]:
    """The gateways of a node's default routes.

    :param protocols: where the routes may come from (``ra``, ``boot`` …); from anywhere if none.
    """
    found = [entry for entry in routes(attempt, node) if entry["dst"] == "default"]
    wanted = [each for each in found if not protocols or each.get("protocol") in protocols]
    return [hop for each in wanted for hop in _hops(each)]


def _hops(entry: dict[str, Any]) -> list[str]:
    """The gateways of a route, which may have several next hops."""
    several = [hop.get("gateway", "") for hop in entry.get("nexthops", ())]
    return several or [entry.get("gateway", "")]


@dataclass(frozen=True)
class Address:
    """A global address of an interface."""

    interface: ipaddress.IPv6Interface
    deprecated: bool
    tentative: bool
    dynamic: bool
    temporary: bool
    dadfailed: bool
    protocol: str = ""

    @property
    def by_advertisement(self) -> bool:
        """True if the kernel made it of an advertised prefix (before 5.18 it does not say so)."""
        of_prefix = self.dynamic and self.interface.network.prefixlen == 64
        return of_prefix and self.protocol in ("", "kernel_ra")

    @property
    def ip(self) -> ipaddress.IPv6Address:
        """The address without its prefix length."""
        return self.interface.ip


def addresses(attempt: "Attempt", node: str, interface: str) -> list[Address]:
    """The global IPv6 addresses of a node's interface."""
    return [
        Address(
            ipaddress.IPv6Interface(f"{info['local']}/{info['prefixlen']}"),
            bool(info.get("deprecated")) or info.get("preferred_life_time") == 0,
            bool(info.get("tentative")),
            bool(info.get("dynamic")),
            bool(info.get("temporary")),
            bool(info.get("dadfailed")),
            str(info.get("protocol", "")),
        )
        for info in _infos(attempt, node, interface, "global")
        if "local" in info  # of an address that the scope leaves out, ip prints {}
    ]


def has_address(attempt: "Attempt", node: str, address: str) -> bool:
    """True if an interface of the node has that IPv6 address."""
    listing = attempt.run(node, ["ip", "-6", "-o", "address", "show", "to", address]).output
    return bool(listing.strip())


def is_on(attempt: "Attempt", node: str, name: str) -> bool:
    """True if a setting below ``net.ipv6.conf`` is 1."""
    return setting(attempt, node, name) == "1"


def setting(attempt: "Attempt", node: str, name: str) -> str:
    """A setting below ``net.ipv6.conf``; empty if its interface is gone."""
    found = attempt.run(node, ["sysctl", "-n", f"net.ipv6.conf.{name}"])
    return found.output.strip() if found.ok else ""


def forwards(attempt: "Attempt", node: str) -> bool:
    """True if a node forwards IPv6 packets.

    That is the setting of ``all``: an interface's own makes it a router's or a host's, which
    concerns advertisements, redirects and the R flag, and lets packets pass all the same.
    """
    return is_on(attempt, node, "all.forwarding")


def elsewhere(attempt: "Attempt", node: str, interface: str) -> str:
    """The other interface whose accept_ra is 2, as the end of a clause; empty if there is none."""
    listing = attempt.run(node, "sysctl -a --pattern '^net.ipv6.conf.*.accept_ra$'").output
    found = re.findall(r"^net\.ipv6\.conf\.(\S+)\.accept_ra = 2$", listing, re.MULTILINE)
    others = [name for name in found if name != interface]
    return f" (it is 2 on {' and '.join(others)}: that is another one)" if others else ""


def require_interface(
    attempt: "Attempt", node: str, interface: str, expected: "Expected | str"
) -> None:
    """Raise CheckFailed unless an interface is there, and up."""
    found = ip_json(attempt, node, "link", "show", "dev", interface)
    if not found:
        seen, hint = f"{node} has no interface {interface}", "`ip link` lists those that it has."
        raise CheckFailed(expected, seen, hint, permanent=True)
    if "UP" not in found[0].get("flags", ()):
        seen, hint = f"{interface} of {node} is down", f"`ip link set {interface} up`."
        raise CheckFailed(expected, seen, hint, permanent=True)


def require_daemon(
    attempt: "Attempt", node: str, program: str, expected: "Expected | str", hint: str
) -> None:
    """Raise CheckFailed unless a program runs on a node, and is not stopped by a signal.

    :param hint: how it is started.
    """
    states = states_of(attempt, node, program)
    if not states:
        raise CheckFailed(expected, f"no {program} runs on {node}", hint, permanent=True)
    if all(map(is_stopped, states)):
        seen = f"{program} on {node} is stopped by a signal"
        raise CheckFailed(expected, seen, f"`pkill -CONT {program}` lets it go on.", permanent=True)


def runs(attempt: "Attempt", node: str, program: str) -> bool:
    """True if a program of that name runs on the node."""
    return attempt.run(node, ["pgrep", "-x", program]).ok


def link_locals(attempt: "Attempt", node: str, interface: str) -> list[str]:
    """The link-local addresses of a node's interface."""
    return [info["local"] for info in _infos(attempt, node, interface, "link") if "local" in info]


def _infos(attempt: "Attempt", node: str, interface: str, scope: str) -> list[dict[str, Any]]:
    words = ("-6", "address", "show", "dev", interface, "scope", scope)
    return [info for link in ip_json(attempt, node, *words) for info in link.get("addr_info", ())]
