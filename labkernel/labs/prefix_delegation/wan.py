"""Checks of the WAN: the advertisement, the default route, the delegated prefix."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._tables import (
    addresses,
    announced_on,
    routes,
    runs,
    setting,
)
from labkernel.labs.prefix_delegation.kea import SERVER

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def announced(node: str, interface: str, prefix: str) -> "Check":
    """A router answers the node's solicitation with an advertisement that has a prefix."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"an advertisement of {prefix} on {interface}")
        router, found = announced_on(attempt, node, interface)
        if not router:
            raise CheckFailed(expected, "no router answers", "Does radvd run on the ISP?")
        prefixes = [each.prefix for each in found]
        if prefix not in prefixes:
            raise CheckFailed(expected, f"it has {', '.join(prefixes) or 'no prefix'}")
        return f"{node} is told {prefix} on {interface}, by {router}"

    return look


def has_default_route(node: str, interface: str) -> "Check":
    """The router takes its default route from advertisements, and still forwards."""

    @looks_at(on(node, Kind.ROUTE, Kind.SETTING))
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"a default route from an advertisement on {interface}")
        found = [each for each in routes(attempt, node) if each["dst"] == "default"]
        accept, forwarding = (
            setting(attempt, node, f"{interface}.{name}") for name in ("accept_ra", "forwarding")
        )
        if setting(attempt, node, "all.forwarding") != "1" or forwarding != "1":
            raise CheckFailed(
                expected,
                "it does not forward any more",
                "Turn forwarding on again (net.ipv6.conf.all.forwarding=1); there is another way.",
                permanent=True,
            )
        if accept != "2":
            seen, hint = _not_accepted(interface, accept, bool(found))
            raise CheckFailed(expected, seen, hint, permanent=True)
        if not any(each.get("protocol") == "ra" for each in found):
            by_hand = "the one that it has was added by hand" if found else "it has none"
            raise CheckFailed(
                expected, by_hand, f"`rdisc6 -1 {interface}` asks for an advertisement."
            )
        gateway = next(each["gateway"] for each in found if each.get("protocol") == "ra")
        return f"{node} forwards, and has a default route via {gateway} from an advertisement"

    return eventually(look, on=node)


def _not_accepted(interface: str, accept: str, has_route: bool) -> tuple[str, str]:
    seen = f"accept_ra is {accept} on {interface}, and forwarding is 1"
    if has_route:
        return (
            f"{seen}; its default route is not from an advertisement",
            "A route by hand stays when the ISP's router changes. Delete it, and listen.",
        )
    if accept == "0":
        return seen, "0 means: never. Which value means: also on a router?"
    return seen, "1 means: unless the machine forwards. Which value means: also if it does?"


def delegated(prefix: str, lan: str) -> "Check":
    """The CPE's client has put a /64 of the delegated prefix on the LAN."""
    net, whole = ipaddress.IPv6Network(lan), ipaddress.IPv6Network(prefix)
    right = ipaddress.IPv6Interface(f"{net[1]}/64")

    @looks_at(on("cpe", Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"{right} on lan0, of the delegated {prefix}")
        if not runs(attempt, "cpe", "dhcp6c"):
            raise CheckFailed(expected, "dhcp6c does not run", _said(attempt), permanent=True)
        found = [each.interface for each in addresses(attempt, "cpe", "lan0")]
        inside = [each for each in found if each.ip in whole]
        if not inside:
            seen = f"it has {', '.join(map(str, found)) or 'none'}"
            hint, permanent = _without_prefix(attempt)
            raise CheckFailed(expected, seen, hint, permanent=permanent)
        if right not in inside:
            seen, hint = f"it has {inside[0]}", _misplaced(inside[0], right)
            raise CheckFailed(expected, seen, hint, permanent=True)
        return f"lan0 of cpe has {right}, of the delegated {prefix}"

    return look


def _misplaced(seen: ipaddress.IPv6Interface, right: ipaddress.IPv6Interface) -> str:
    """What is wrong with an address of the delegated prefix."""
    length = seen.network.prefixlen
    if length != 64:
        return (
            f"Its length is 60 + sla-len = {length}, and no address can be autoconfigured but in "
            "a /64: sla-len is the number of bits between the two."
        )
    if seen.network != right.network:
        number = int(seen.network.network_address) >> 64 & 0xF
        return f"It is in the subnet number {number}: sla-id says which (in decimal)."
    return "The subnet is right; ifid is the number of the address in it."


def _without_prefix(attempt: "Attempt") -> tuple[str, bool]:
    """Why no prefix has come, and whether none will."""
    if not runs(attempt, "isp", SERVER):
        return "Kea does not run on the ISP: see the step with the server.", True
    conf = attempt.run("cpe", "cat /etc/wide-dhcpv6/dhcp6c.conf").output
    if "ia-pd" not in conf:
        return "`send ia-pd 0;` asks for a prefix; your file does not.", True
    if "prefix-interface" not in conf:
        return "`prefix-interface lan0 { … }` says where to put it; your file does not.", True
    hint = "Is it wan0 that asks? `dhcp6c -f -D wan0` stays in the foreground and tells it."
    return hint, False


def _said(attempt: "Attempt") -> str:
    """Why the client does not run."""
    conf = attempt.run("cpe", "cat /etc/wide-dhcpv6/dhcp6c.conf").output
    for number in re.findall(r"ia-pd (\d+)", conf):
        if not re.search(rf"id-assoc pd {number}\b", conf):
            return f"It sends ia-pd {number}, and id-assoc pd {number} is missing from its file."
    return "Start it: `dhcp6c -p /run/dhcp6c.pid wan0`. With -f -D it tells what is wrong."
