"""Checks of leases."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.bonding.checks.racing import member_address
from labkernel.labs.bonding.topology import LEASES

if TYPE_CHECKING:
    from labkernel import Attempt


@dataclass(frozen=True)
class Lease:
    """A lease in dnsmasq's file.

    :param client: by DHCP the MAC address, by DHCPv6 the DUID, both with colons.
    """

    address: str
    client: str


def leases(attempt: "Attempt") -> list[Lease]:
    """The leases that the client has given."""
    lines = [line.split() for line in attempt.run("client", ["cat", LEASES]).output.splitlines()]
    found = []
    for words in lines:
        if len(words) == 5:  # of DHCP: time, MAC address, IP address, name, client id
            six = ":" in words[2]
            found.append(Lease(words[2], words[4] if six else words[1]))
    return found


@looks_at()
def serves(attempt: "Attempt") -> str:
    """The client listens for requests of DHCP and of DHCPv6."""
    listening = attempt.run("client", ["ss", "-Hlun", "sport = :67 or sport = :547"]).output
    for port, name in (("67", "DHCP"), ("547", "DHCPv6")):
        if not re.search(rf":{port}\s", listening):
            raise CheckFailed(
                Expected("client", f"a server of {name} on port {port}"), "none listens"
            )
    return "the client listens for DHCP on port 67, and for DHCPv6 on port 547"


def lease_of(attempt: "Attempt", client: str) -> str:
    """The address that was leased to a client.

    :raises CheckFailed: none was.
    """
    for lease in leases(attempt):
        if lease.client == client:
            return lease.address
    given = ", ".join(lease.client for lease in leases(attempt)) or "nobody"
    raise CheckFailed(Expected("client", f"a lease for {client}"), f"it has leases for {given}")


@looks_at(file("client", LEASES))
def two_leases(attempt: "Attempt") -> str:
    """The server got an address at each boot, and another one at the second."""
    addresses = []
    for member in ("eth0", "eth1"):
        mac = member_address(attempt, member)
        address = lease_of(attempt, mac)
        if not re.search(rf"bond0 is {mac}\n.*\b{address}/", attempt.output):
            raise CheckFailed(Expected("server", f"bond0 as {mac} with {address}"), "it had not")
        addresses.append(address)
    first, second = addresses
    if first == second:
        raise CheckFailed("two addresses", f"both boots got {first}")
    return f"to the DHCP server these are two machines: it gave {first}, and then {second}"
