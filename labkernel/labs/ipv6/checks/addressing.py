"""Checks of interface identifiers."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._tables import addresses, setting

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def private(node: str, interface: str, prefix: str) -> "Check":
    """The node's address does not tell its MAC address (RFC 7217)."""
    net = ipaddress.IPv6Network(prefix)

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        mode = setting(attempt, node, f"{interface}.addr_gen_mode")
        if mode not in ("2", "3"):
            raise CheckFailed(
                Expected(node, f"an address of {net} that does not tell its MAC address"),
                f"addr_gen_mode is {mode} on {interface}: identifiers are made by EUI-64",
                "2 takes a secret from stable_secret, 3 makes one.",
            )
        return patient(attempt)

    def no_mac(attempt: "Attempt") -> str:
        expected = Expected(node, f"an address of {net} that does not tell its MAC address")
        found = [each for each in addresses(attempt, node, interface) if each.ip in net]
        telling = [each.ip for each in found if _tells_mac(attempt, node, interface, each.ip)]
        if telling:
            raise CheckFailed(
                expected,
                f"it still has {telling[0]}",
                "It was there before: flush it, and ask for an advertisement by rdisc6.",
                permanent=True,
            )
        if not any(not each.tentative for each in found):
            raise CheckFailed(expected, "it has none yet", f"`rdisc6 -1 {interface}`.")
        return f"no address of {node} in {net} tells its MAC address"

    patient = eventually(no_mac, within=6, on=node)
    return look


def _tells_mac(attempt: "Attempt", node: str, interface: str, ip: ipaddress.IPv6Address) -> bool:
    """True if an address has the modified EUI-64 identifier (RFC 4291, appendix A)."""
    port = next(each for each in attempt.topology.ports_of(node) if each.name == interface)
    octets = bytearray.fromhex(port.mac.replace(":", ""))
    octets[0] ^= 2
    return ip.packed[8:] == bytes(octets[:3] + b"\xff\xfe" + octets[3:])


def temporary(node: str, interface: str, destination: str) -> "Check":
    """The node sends from a temporary address (RFC 8981)."""

    @looks_at(on(node, Kind.ADDRESS, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        value = setting(attempt, node, f"{interface}.use_tempaddr")
        if value != "2":
            raise CheckFailed(
                Expected(node, "it to send from a temporary address"),
                f"use_tempaddr is {value} on {interface}",
                "0: none; 1: they are made, but not preferred; 2: they are preferred.",
            )
        return patient(attempt)

    def sends(attempt: "Attempt") -> str:
        expected = Expected(node, "it to send from a temporary address")
        own = addresses(attempt, node, interface)
        found = [each.ip for each in own if each.temporary]
        if not found:
            raise CheckFailed(
                expected,
                "it has none",
                "They are made with a new address: flush, and ask for an advertisement.",
                permanent=any(not each.tentative for each in own),
            )
        got = attempt.run(node, ["ip", "-6", "route", "get", destination]).output.split()
        source = ipaddress.IPv6Address(got[got.index("src") + 1] if "src" in got else "::")
        if source not in found:
            raise CheckFailed(expected, f"to {destination} it sends from {source}")
        return f"to {destination}, {node} sends from a temporary address"

    patient = eventually(sends, within=6, on=node)
    return look
