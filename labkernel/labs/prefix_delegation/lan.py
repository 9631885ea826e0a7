"""Checks of the LAN: what is announced, and what the PC makes of it."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, both, eventually, looks_at, on, reaches
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
        found = _announced(attempt, node, expected)
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


def _announced(attempt: "Attempt", node: str, expected: Expected) -> list["Announced"]:
    router, found = announced_on(attempt, node, "eth0")
    if router:
        return found
    if not runs(attempt, "cpe", "radvd"):
        hint = "Start it: `radvd --pidfile /run/radvd.pid`; `radvd --configtest` reads the file."
        raise CheckFailed(expected, "radvd does not run", hint)
    hint = "In /etc/radvd.conf: is the interface lan0, and AdvSendAdvert on?"
    raise CheckFailed(expected, "nobody answers the PC's solicitation", hint)


def _other_prefix(net: ipaddress.IPv6Network, found: list["Announced"]) -> tuple[str, str]:
    """What is announced in place of the prefix, and what to try."""
    if not found:
        return "the advertisement has no prefix", "Add `prefix … { };` to the interface."
    other = ipaddress.IPv6Network(found[0].prefix)
    seen = f"it announces {other}"
    if other.prefixlen != 64:
        return seen, "A PC makes an address of a /64 and nothing else (RFC 4862): take lan0's."
    if net.supernet(new_prefix=60).supernet_of(other):
        return seen, "It is delegated, but not the one of lan0: packets for it find no PC."
    return seen, "That prefix was not delegated: no reply would find its way back."


def moved(node: str, old: str, new: str, address: str) -> "Check":
    """The node prefers the new prefix, the old one is deprecated, and the Internet reaches it."""

    @looks_at(sends=True)
    def announces(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"it to announce {new}, and {old} as deprecated")
        found = {each.prefix: each.preferred for each in _announced(attempt, node, expected)}
        if not found.get(new):
            seen = f"{new} is not announced" + (" as preferred" if new in found else "")
            raise CheckFailed(expected, seen, "lan0 has an address of the new prefix: announce it.")
        if old not in found:
            raise CheckFailed(
                expected,
                f"{old} is not mentioned any more",
                "Then the PC keeps its old address as preferred, for hours: say that it is over.",
            )
        if found[old] != 0:
            raise CheckFailed(
                expected,
                f"{old} is announced as preferred for {found[old]} s",
                "A preferred lifetime of 0 makes it deprecated.",
            )
        return f"cpe announces {new}, and takes {old} back"

    return both(
        announces, eventually(_prefers(node, old, new), on=node), reaches("internet", address)
    )


def _prefers(node: str, old: str, new: str) -> "Check":
    before, after = ipaddress.IPv6Network(old), ipaddress.IPv6Network(new)

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        own = [each for each in addresses(attempt, node, "eth0") if not each.tentative]
        expected = Expected(node, f"a preferred address of {new}, and none of {old}")
        if not any(each.ip in after and not each.deprecated for each in own):
            raise CheckFailed(expected, f"it has no preferred address of {new}")
        if kept := [each for each in own if each.ip in before and not each.deprecated]:
            raise CheckFailed(expected, f"it prefers {kept[0].ip} still")
        return f"{node} prefers its address of {new}"

    return look
