"""What the steps must have done."""

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, file, looks_at, on
from labkernel.labs.bonding.commands import DECLARED, GIVEN, LEASES, PLANNED
from labkernel.packets import LACP, DHCPv6

if TYPE_CHECKING:
    from labkernel import Attempt, Outcome
    from labkernel.attempt import Check

_BOOT = re.compile(r"^boot (\d+): (eth\d) came first, bond0 is (\S+)$", re.MULTILINE)
_WAITED = re.compile(r"^after sleep (\S+) bond0 is (\S+)$", re.MULTILINE)
_PREFIX = ipaddress.IPv6Network("2001:db8:b::/64")


def member_address(attempt: "Attempt", name: str) -> str:
    """The MAC address that one of the server's links has of its own."""
    ports = attempt.topology.ports_of("server")
    return next(port.mac for port in ports if port.name == name)


def _bond(attempt: "Attempt", node: str = "server") -> str:
    return attempt.run(node, ["cat", "/sys/class/net/bond0/address"]).output.strip()


def bond_has(mac: str) -> "Check":
    """The bond has this MAC address."""

    def check(attempt: "Attempt") -> str:
        if (seen := _bond(attempt)) != mac:
            raise CheckFailed(Expected("server", f"bond0 with {mac}"), f"it has {seen}")
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
    seen = _BOOT.findall(attempt.output)
    for boot, first, mac in seen:
        if mac != member_address(attempt, first):
            raise CheckFailed(
                f"bond0 with the MAC address of {first} in boot {boot}", f"it had {mac}"
            )
    if len({mac for _, _, mac in seen}) != 4:
        raise CheckFailed("four MAC addresses in ten boots", f"{len(seen)} boots were seen")
    return f"{len(seen)} boots gave bond0 four MAC addresses: that of whoever came first"


def table(outcome: "Outcome") -> Any:
    """A row for each boot, with the address that the server makes of it."""
    import pandas as pd

    rows = [
        {"boot": int(boot), "first": first, "bond0": mac, "address": str(slaac(mac))}
        for boot, first, mac in _BOOT.findall(outcome.output)
    ]
    return pd.DataFrame(rows).set_index("boot") if rows else None


def slaac(mac: str) -> ipaddress.IPv6Address:
    """The address that an interface makes from a MAC address (RFC 4291, appendix A)."""
    octets = bytearray.fromhex(mac.replace(":", ""))
    octets[0] ^= 2
    identifier = int.from_bytes(octets[:3] + b"\xff\xfe" + octets[3:], "big")
    return _PREFIX[identifier]


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


@dataclass(frozen=True)
class Lease:
    """What dnsmasq has written down.

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
    told = attempt.run("client", ["ss", "-Hlun", "sport = :67 or sport = :547"]).output
    for port, name in (("67", "DHCP"), ("547", "DHCPv6")):
        if not re.search(rf":{port}\s", told):
            raise CheckFailed(
                Expected("client", f"a server of {name} on port {port}"), "none listens"
            )
    return "the client listens for DHCP on port 67, and for DHCPv6 on port 547"


def _lease_of(attempt: "Attempt", client: str) -> str:
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
        address = _lease_of(attempt, mac)
        if not re.search(rf"bond0 is {mac}\n.*\b{address}/", _output(attempt)):
            raise CheckFailed(Expected("server", f"bond0 as {mac} with {address}"), "it had not")
        addresses.append(address)
    first, second = addresses
    if first == second:
        raise CheckFailed("two addresses", f"both boots got {first}")
    return f"to the DHCP server these are two machines: it gave {first}, and then {second}"


def leases_table(outcome: "Outcome") -> Any:
    """A row for each boot."""
    import pandas as pd

    rows = re.findall(r"^bond0 is (\S+)\n.*?([\d.]+)/", outcome.output, re.MULTILINE)
    frame = pd.DataFrame(rows, columns=["bond0", "leased"], index=range(1, len(rows) + 1))
    return frame.rename_axis("boot") if rows else None


@looks_at()
def waiting_helps_while_it_is_long_enough(attempt: "Attempt") -> str:
    """After a long sleep the file's first card gave its address, after a short one the quickest."""
    seen = dict(_WAITED.findall(attempt.output))
    for wait, member in (("4", "eth0"), ("0.5", "eth1")):
        if (mac := seen.get(wait)) != member_address(attempt, member):
            expected = f"bond0 with the MAC address of {member} after sleep {wait}"
            raise CheckFailed(expected, f"it had {mac or 'none'}")
    return "after 4 s bond0 had the address of eth0, after 0.5 s that of eth1, which was quicker"


@looks_at(on("server", Kind.LINK), file("client", LEASES))
def declared(attempt: "Attempt") -> str:
    """The bond has the address of its file, and so has the DUID that the client's end has seen."""
    bond_has(DECLARED)(attempt)
    duid = "00030001" + DECLARED.replace(":", "")  # DUID-LL of Ethernet: RFC 8415, 11.4
    address = _lease_of(attempt, bytes.fromhex(duid).hex(":"))
    for packet in attempt.packets:
        message = packet.message
        if isinstance(message, DHCPv6) and message.client_id == duid:
            return f"bond0 has {DECLARED}, asks with the DUID {duid}, and got {address}"
    raise CheckFailed(Expected("client", f"a Solicit with the DUID {duid}"), "none has come")


@looks_at(on("server", Kind.LINK), file("client", LEASES))
def planned(attempt: "Attempt") -> str:
    """Netplan's file has the address, the bond has it, and so has the lease."""
    file = "/run/systemd/network/10-netplan-bond0.netdev"
    written = attempt.run("server", ["cat", file]).output
    if f"MACAddress={PLANNED}" not in written:
        raise CheckFailed(Expected("server", f"MACAddress={PLANNED} in {file}"), "it is not there")
    bond_has(PLANNED)(attempt)
    return f"netplan wrote MACAddress={PLANNED}, and bond0 got {_lease_of(attempt, PLANNED)}"


@looks_at(on("server", Kind.LINK))
def bond_has_an_address_of_its_own(attempt: "Attempt") -> str:
    """The bond has no member's address, though members came in another order."""
    mac = _bond(attempt)
    for member in ("eth0", "eth1", "eth2", "eth3"):
        if mac == member_address(attempt, member):
            raise CheckFailed(
                Expected("server", "bond0 with an address of its own"), f"it has that of {member}"
            )
    if mac in (GIVEN, DECLARED, PLANNED):
        raise CheckFailed(Expected("server", "bond0 with an address by systemd"), f"it has {mac}")
    if not mac:
        raise CheckFailed(Expected("server", "a bond0"), "there is none")
    return f"bond0 has {mac}, which no member has"


@looks_at(on("server", Kind.LINK), on("switch", Kind.LINK))
def same_address(attempt: "Attempt") -> str:
    """Two machines with one machine-id give their bonds one address."""
    server, clone = _bond(attempt), _bond(attempt, "switch")
    if server != clone:
        raise CheckFailed(
            Expected("switch", f"bond0 with the server's {server}"), f"it has {clone or 'no bond0'}"
        )
    return f"both machines' bond0 has {clone}"


def _lost(attempt: "Attempt", sent: int) -> int:
    """How many packets of a ping were lost.

    :raises CheckFailed: half of them, or more.
    """
    found = re.search(rf"{sent} packets transmitted, (\d+) received", _output(attempt))
    received = int(found[1]) if found else 0
    if received <= sent // 2:
        raise CheckFailed(f"more than {sent // 2} of {sent} replies", f"got {received}")
    return sent - received


def _output(attempt: "Attempt") -> str:
    return attempt.output


@looks_at()
def went_on(attempt: "Attempt") -> str:
    """The member in use lost its carrier, and most packets came back, by another one."""
    lost = _lost(attempt, 200)
    seen = re.search(r"^(eth\d) is (\w+), bond0 uses (eth\d)$", _output(attempt), re.MULTILINE)
    if not seen or seen[2] != "down" or seen[1] == seen[3]:
        told = f"saw {seen[0]}" if seen else "saw nothing of it"
        raise CheckFailed("a member that is down, and another one in use", told)
    return f"bond0 went on by {seen[3]}; packets lost: {lost} of 200"


@looks_at()
def went_on_by_one(attempt: "Attempt") -> str:
    """Of four ports three were gone, and most packets came back, by the last one."""
    lost = _lost(attempt, 400)
    seen = re.findall(r"^bond0 has (\d) ports?$", _output(attempt), re.MULTILINE)
    if seen != ["1", "4"]:
        told = f"saw {' and '.join(seen) or 'none'}"
        raise CheckFailed("1 port while three are pulled, and 4 after that", told)
    return f"bond0 went on by one port, and has four again; packets lost: {lost} of 400"


@looks_at(on("server", Kind.LINK))
def aggregated(attempt: "Attempt") -> str:
    """Both ends have understood each other: the partner is the switch, and frames said so."""
    mode = attempt.run("server", ["cat", "/sys/class/net/bond0/bonding/mode"]).output.strip()
    if not mode.startswith("802.3ad"):
        seen = f"it is {mode or 'not there'}"
        raise CheckFailed(Expected("server", "bond0 in the mode 802.3ad"), seen, permanent=True)
    switch = _bond(attempt, "switch")
    told = attempt.run(
        "server", ["cat", "/sys/class/net/bond0/bonding/ad_partner_mac"]
    ).output.strip()
    if told != switch:
        raise CheckFailed(
            Expected("server", f"{switch} as its partner"), f"it has {told or 'none'}"
        )
    for packet in attempt.packets:
        message = packet.message
        if isinstance(message, LACP) and "distributing" in message.actor.states:
            return f"the partner is the switch ({switch}), and LACP says so"
    raise CheckFailed("a LACPDU with the state distributing", "there is none yet")
