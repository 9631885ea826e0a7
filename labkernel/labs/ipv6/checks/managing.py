"""Checks of addresses by DHCPv6."""

import ipaddress
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._dhcp6c import configuration
from labkernel.labs._tables import (
    addresses,
    gateways,
    require_daemon,
    require_interface,
    runs,
)
from labkernel.labs.ipv6.checks.flagging import announced
from labkernel.labs.ipv6.topology import FIRST_LEASE, LAST_LEASE, LEASES, ON_LAN

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected(
    "client", f"an address from {FIRST_LEASE} to {LAST_LEASE} by DHCPv6, and no other"
)


@looks_at(sends=True)
def managed(attempt: "Attempt") -> str:
    """The advertisement has M set and the prefix's A flag not set, and Kea runs on the router."""
    expected = Expected("router", f"M set and A not set for {ON_LAN}")
    found, prefix = announced(attempt)
    if not found.managed:
        raise CheckFailed(expected, "M is not set", "AdvManagedFlag on; radvd must read it.")
    if prefix.autonomous:
        raise CheckFailed(expected, "A is set", "AdvAutonomous off; radvd must read it.")
    require_daemon(attempt, "router", "kea-dhcp6", expected, "See its log, /var/log/kea.log.")
    return f"the router says that addresses of {ON_LAN} come by DHCPv6, and from nowhere else"


@looks_at(on("client", Kind.ADDRESS, Kind.ROUTE))
def leased(attempt: "Attempt") -> str:
    """The client has one global address, which Kea has leased, and a default route by
    advertisement."""
    require_interface(attempt, "client", "eth0", _EXPECTED)
    found = [each.ip for each in addresses(attempt, "client", "eth0")]
    inside = [ip for ip in found if _in_pool(ip)]
    if not inside:
        hint, permanent = _unleased(attempt)
        raise CheckFailed(_EXPECTED, "it has none", hint, permanent=permanent)
    if others := [ip for ip in found if ip not in inside]:
        seen = f"it still has {others[0]}"
        hint = "What it made itself stays until it expires: flush it."
        raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
    given = leases(attempt)
    if by_hand := [ip for ip in inside if ip not in given]:
        seen = f"Kea has no lease for {by_hand[0]}"
        raise CheckFailed(_EXPECTED, seen, "An address by DHCPv6 is the server's to give.")
    if not gateways(attempt, "client", "ra"):
        hint = "DHCPv6 has no option for a router: that is in the advertisement. `rdisc6 -1 eth0`."
        raise CheckFailed(_EXPECTED, "it has no default route", hint)
    return "the client's only address is a lease of Kea's; its default route is by advertisement"


def leases(attempt: "Attempt") -> set[ipaddress.IPv6Address]:
    """The addresses that Kea has leased; of each the last line of its file counts."""
    lines = attempt.run("router", ["tail", "-n", "1000", LEASES]).output.splitlines()
    last: dict[ipaddress.IPv6Address, bool] = {}
    for words in (line.split(",") for line in lines):
        with suppress(ValueError, IndexError):
            last[ipaddress.IPv6Address(words[0])] = words[2] != "0" and words[13] == "0"
    return {ip for ip, is_leased in last.items() if is_leased}


def _in_pool(ip: ipaddress.IPv6Address) -> bool:
    return ipaddress.IPv6Address(FIRST_LEASE) <= ip <= ipaddress.IPv6Address(LAST_LEASE)


def _unleased(attempt: "Attempt") -> tuple[str, bool]:
    """The reason why the client has no lease, and whether it is permanent."""
    if runs(attempt, "client", "dhclient"):
        return "dhclient runs: `dhclient -6 -d eth0` stays in the foreground and tells more.", False
    if not runs(attempt, "client", "dhcp6c"):
        hint = "M is only a message: the kernel does nothing about it. A program must ask: dhcp6c."
        return hint, True
    conf = configuration(attempt, "client")
    if "ia-na" not in conf:
        return "dhcp6c runs and does not ask for an address: `send ia-na 0;`.", True
    if not re.search(r"id-assoc\s+na", conf):
        return "It sends ia-na 0, and `id-assoc na 0 { };` is missing from its file.", True
    return "`dhcp6c -f -D … eth0` stays in the foreground and tells what it does.", False


@looks_at(on("client", Kind.ADDRESS))
def released(attempt: "Attempt") -> str:
    """The recording has a Release, and the client no address of the pool."""
    expected = Expected("client", "it to give its lease back")
    if "Release" not in {packet.kind for packet in attempt.packets}:
        raise CheckFailed(expected, "no Release was recorded", "Does dhcp6c run?")
    if any(_in_pool(each.ip) for each in addresses(attempt, "client", "eth0")):
        raise CheckFailed(expected, "it keeps the address")
    return "the client said Release, and has no address of the pool any more"
