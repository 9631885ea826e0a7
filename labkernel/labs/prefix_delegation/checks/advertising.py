"""Checks of the WAN's advertisements."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._advertised import names_of, solicited
from labkernel.labs._tables import elsewhere, forwards, require_interface, routes, setting

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def announced(node: str, interface: str, prefix: str) -> "Check":
    """A router answers the node's solicitation with an advertisement that has a prefix."""
    net = ipaddress.IPv6Network(prefix)

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"an advertisement of {prefix} on {interface}")
        require_interface(attempt, node, interface, expected)
        found = solicited(attempt, node, interface, tries=1, wait=1000)
        if not found:
            raise CheckFailed(expected, "no router answers", "Does radvd run on the ISP?")
        if not found.prefix(net):
            raise CheckFailed(expected, f"it has {names_of(found)}")
        return f"{node} is told {prefix} on {interface}, by {found.router}"

    return look


def has_default_route(node: str, interface: str) -> "Check":
    """The router takes its default route from advertisements, and still forwards."""

    @looks_at(on(node, Kind.ROUTE, Kind.SETTING))
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"a default route from an advertisement on {interface}")
        require_interface(attempt, node, interface, expected)
        if not forwards(attempt, node):
            raise CheckFailed(
                expected,
                "it does not forward any more",
                "Turn forwarding on again (net.ipv6.conf.all.forwarding=1); there is another way.",
                permanent=True,
            )
        found = [each for each in routes(attempt, node) if each["dst"] == "default"]
        for each in found:
            if each.get("protocol") == "ra" and each.get("dev") == interface:
                gateway = each.get("gateway", interface)
                return (
                    f"{node} forwards, and has a default route via {gateway} from an advertisement"
                )
        accept, router = (
            setting(attempt, node, f"{interface}.{name}") for name in ("accept_ra", "forwarding")
        )
        if accept != "2" and not (accept == "1" and router == "0"):
            more = elsewhere(attempt, node, interface)
            seen, hint = _not_accepted(interface, accept, router, bool(found))
            raise CheckFailed(expected, seen + more, hint, permanent=True)
        by_hand = "the one that it has was added by hand" if found else "it has none"
        raise CheckFailed(expected, by_hand, f"`rdisc6 -1 {interface}` asks for an advertisement.")

    return eventually(look, on=node)


def _not_accepted(interface: str, accept: str, router: str, has_route: bool) -> tuple[str, str]:
    seen = f"accept_ra is {accept} on {interface}, and forwarding is {router}"
    if has_route:
        return (
            f"{seen}; its default route is not from an advertisement",
            "A route by hand stays when the ISP's router changes. Delete it, and listen.",
        )
    if accept == "0":
        return seen, "0 means: never. Which value means: also on a router?"
    return seen, "1 means: unless the machine forwards. Which value means: also if it does?"
