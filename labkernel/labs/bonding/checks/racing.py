"""Checks of the bond's MAC address."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs.bonding.topology import PREFIX

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

BOOT = re.compile(r"^boot (\d+): (eth\d) came first, bond0 is (\S+)$", re.MULTILINE)


def member_address(attempt: "Attempt", name: str) -> str:
    """The MAC address that one of the server's links has of its own."""
    ports = attempt.topology.ports_of("server")
    return next(port.mac for port in ports if port.name == name)


def bond_address(attempt: "Attempt", node: str = "server") -> str:
    """The MAC address of a node's bond0; empty if it has none."""
    found = attempt.run(node, ["cat", "/sys/class/net/bond0/address"])
    return found.output.strip() if found.ok else ""


def bond_has(mac: str) -> "Check":
    """The bond has this MAC address."""

    def check(attempt: "Attempt") -> str:
        if (seen := bond_address(attempt)) != mac:
            raise CheckFailed(
                Expected("server", f"bond0 with {mac}"),
                f"it has {seen}" if seen else "there is none",
            )
        return f"bond0 has {mac}"

    return check


def bond_has_the_address_of(member: str) -> "Check":
    """The bond has this member's MAC address."""

    @looks_at(on("server", Kind.LINK))
    def check(attempt: "Attempt") -> str:
        bond_has(member_address(attempt, member))(attempt)
        return f"bond0 has the MAC address of {member}"

    return check


@looks_at()
def four_addresses(attempt: "Attempt") -> str:
    """In ten boots the bond had the address of whoever came first: four different ones."""
    seen = BOOT.findall(attempt.output)
    for boot, first, mac in seen:
        if mac != member_address(attempt, first):
            raise CheckFailed(
                f"bond0 with the MAC address of {first} in boot {boot}", f"it had {mac}"
            )
    if len({mac for _, _, mac in seen}) != 4:
        raise CheckFailed("four MAC addresses in ten boots", f"{len(seen)} boots were seen")
    return f"{len(seen)} boots gave bond0 four MAC addresses: that of whoever came first"


def slaac(mac: str) -> ipaddress.IPv6Address:
    """The address that an interface makes from a MAC address (RFC 4291, appendix A)."""
    octets = bytearray.fromhex(mac.replace(":", ""))
    octets[0] ^= 2
    identifier = int.from_bytes(octets[:3] + b"\xff\xfe" + octets[3:], "big")
    return ipaddress.IPv6Network(PREFIX)[identifier]


def answers_as(member: str) -> "Check":
    """The client reaches the server at the address of this member, and no more at eth0's."""

    @looks_at(on("server", Kind.LINK), sends=True)
    def check(attempt: "Attempt") -> str:
        new, old = slaac(member_address(attempt, member)), slaac(member_address(attempt, "eth0"))
        if not attempt.run("client", ["ping", "-c1", "-W1", str(new)]).ok:
            raise CheckFailed(Expected("client", f"an echo reply from {new}"), "got none")
        if attempt.run("client", ["ping", "-c1", "-W1", str(old)]).ok:
            raise CheckFailed(Expected("client", f"no answer from {old}"), "it answers still")
        return f"the server answers at {new}, and at its old address {old} nobody does"

    return check
