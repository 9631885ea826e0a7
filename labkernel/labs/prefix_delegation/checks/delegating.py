"""Checks of the delegated prefix."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, both, eventually, looks_at, on
from labkernel.labs._kea import SERVER
from labkernel.labs._tables import addresses, announced_on, runs

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check
    from labkernel.labs._tables import Announced


def has_address(node: str, prefix: str) -> "Check":
    """The node has made an address of the prefix from what a router announces."""
    net = ipaddress.IPv6Network(prefix)

    @looks_at(sends=True)
    def announces(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"it to announce {prefix} on lan0")
        found = announced_prefixes(attempt, node, expected)
        if prefix not in [each.prefix for each in found]:
            raise CheckFailed(expected, *_other_prefix(net, found))
        return f"cpe announces {prefix}"

    @looks_at(on(node, Kind.ADDRESS))
    def has(attempt: "Attempt") -> str:
        own = [each for each in addresses(attempt, node, "eth0") if each.ip in net and each.dynamic]
        usable = [each for each in own if not each.tentative]
        if not usable:
            seen = "it is tentative still" if own else "it has none"
            hint = "Is the prefix announced as autonomous?"
            raise CheckFailed(Expected(node, f"an address of {prefix}"), seen, hint)
        return f"{node} has made itself {usable[0].interface}"

    return both(announces, eventually(has, on=node))


def announced_prefixes(attempt: "Attempt", node: str, expected: Expected) -> list["Announced"]:
    """The prefixes of the advertisement that the PC gets.

    :raises CheckFailed: no router answers it."""
    router, found = announced_on(attempt, node, "eth0")
    if router:
        return found
    if not runs(attempt, "cpe", "radvd"):
        hint = "Start it: `radvd --pidfile /run/radvd.pid`; `radvd --configtest` reads the file."
        raise CheckFailed(expected, "radvd does not run", hint)
    hint = "In /etc/radvd.conf: is the interface lan0, and AdvSendAdvert on?"
    raise CheckFailed(expected, "nobody answers the PC's solicitation", hint)


def _other_prefix(net: ipaddress.IPv6Network, found: list["Announced"]) -> tuple[str, str]:
    """The prefix that is advertised instead, and a hint."""
    if not found:
        return "the advertisement has no prefix", "Add `prefix … { };` to the interface."
    other = ipaddress.IPv6Network(found[0].prefix)
    seen = f"it announces {other}"
    if other.prefixlen != 64:
        return seen, "A PC makes an address of a /64 and nothing else (RFC 4862): take lan0's."
    if net.supernet(new_prefix=60).supernet_of(other):
        return seen, "It is delegated, but not the one of lan0: packets for it find no PC."
    return seen, "That prefix was not delegated: no reply would find its way back."


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
    """The difference between an address of the delegated prefix and the right one."""
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
    """The reason why there is no prefix, and whether it is permanent."""
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
    """The reason why the client does not run."""
    conf = attempt.run("cpe", "cat /etc/wide-dhcpv6/dhcp6c.conf").output
    for number in re.findall(r"ia-pd (\d+)", conf):
        if not re.search(rf"id-assoc pd {number}\b", conf):
            return f"It sends ia-pd {number}, and id-assoc pd {number} is missing from its file."
    return "Start it: `dhcp6c -p /run/dhcp6c.pid wan0`. With -f -D it tells what is wrong."
