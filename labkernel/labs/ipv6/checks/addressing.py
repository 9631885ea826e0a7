"""Checks of interface identifiers."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, ip_json, looks_at, on
from labkernel.labs._tables import addresses, require_interface, setting

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def private(node: str, interface: str, prefix: str) -> "Check":
    """The identifier of the node's address is made of the network and a secret (RFC 7217)."""
    net = ipaddress.IPv6Network(prefix)
    expected = Expected(node, f"an address of {net} that does not tell its MAC address")

    @looks_at(on(node, Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        require_interface(attempt, node, interface, expected)
        mode = setting(attempt, node, f"{interface}.addr_gen_mode")
        if token := _token(attempt, node, interface):
            raise CheckFailed(
                expected,
                f"its identifier is the token {token}",
                f"A token is the same in every network: `ip token del {token} dev {interface}`.",
                permanent=True,
            )
        if mode not in ("2", "3"):
            raise CheckFailed(
                expected,
                f"addr_gen_mode is {mode} on {interface}: identifiers are made "
                + ("by EUI-64" if mode == "0" else "of no secret"),
                "2 takes a secret from stable_secret, 3 makes one.",
                permanent=True,
            )
        return patient(attempt)

    def no_mac(attempt: "Attempt") -> str:
        found = [each for each in addresses(attempt, node, interface) if each.ip in net]
        telling = [each.ip for each in found if _tells_mac(attempt, node, interface, each.ip)]
        if telling:
            raise CheckFailed(
                expected,
                f"it still has {telling[0]}",
                "It was there before: flush it, and ask for an advertisement by rdisc6.",
                permanent=True,
            )
        made = [each for each in found if each.by_advertisement and not each.temporary]
        if not any(not each.tentative for each in made):
            raise CheckFailed(expected, "it has none yet", f"`rdisc6 -1 {interface}`.")
        if others := [each.ip for each in found if not each.dynamic]:
            seen = f"{others[0]} was added by hand"
            raise CheckFailed(expected, seen, "The kernel makes one itself.", permanent=True)
        return f"no address of {node} in {net} tells its MAC address"

    patient = eventually(no_mac, within=6, on=node)
    return look


def _token(attempt: "Attempt", node: str, interface: str) -> str:
    """The identifier that was set by `ip token`; empty if none was."""
    words = attempt.run(node, ["ip", "token", "get", "dev", interface]).output.split()
    return words[1] if words[:1] == ["token"] and words[1] != "::" else ""


def _tells_mac(attempt: "Attempt", node: str, interface: str, ip: ipaddress.IPv6Address) -> bool:
    """True if an address has the modified EUI-64 identifier (RFC 4291, appendix A)."""
    links = ip_json(attempt, node, "link", "show", "dev", interface)
    ports = [port.mac for port in attempt.topology.ports_of(node) if port.name == interface]
    macs = {*ports, *(str(link.get("address", "")) for link in links)}
    return any(ip.packed[8:] == eui64(mac) for mac in macs if mac.count(":") == 5)


def eui64(mac: str) -> bytes:
    """The modified EUI-64 identifier of a MAC address."""
    octets = bytearray.fromhex(mac.replace(":", ""))
    octets[0] ^= 2
    return bytes(octets[:3] + b"\xff\xfe" + octets[3:])


def temporary(node: str, interface: str, destination: str) -> "Check":
    """The node sends from a temporary address (RFC 8981)."""

    @looks_at(on(node, Kind.ADDRESS, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, "it to send from a temporary address")
        require_interface(attempt, node, interface, expected)
        value = setting(attempt, node, f"{interface}.use_tempaddr")
        if value != "2":
            raise CheckFailed(
                expected,
                f"use_tempaddr is {value} on {interface}",
                "0: none; 1: they are made, but not preferred; 2: they are preferred.",
                permanent=True,
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
        source = got[got.index("src") + 1] if "src" in got[:-1] else "no address: no route"
        if source not in map(str, found):
            raise CheckFailed(expected, f"to {destination} it sends from {source}")
        return f"to {destination}, {node} sends from a temporary address"

    patient = eventually(sends, within=6, on=node)
    return look
