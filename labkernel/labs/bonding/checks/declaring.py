"""Checks of networkd and netplan."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, file, looks_at, on
from labkernel.labs.bonding.checks.leasing import lease_of
from labkernel.labs.bonding.checks.racing import bond_has
from labkernel.labs.bonding.topology import DECLARED, LEASES, PLANNED
from labkernel.packets import DHCPv6

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at(on("server", Kind.LINK), file("client", LEASES))
def has_declared_address(attempt: "Attempt") -> str:
    """The bond has the address of its file, and so has the DUID that the client's end has seen."""
    bond_has(DECLARED)(attempt)
    duid = "00030001" + DECLARED.replace(":", "")  # DUID-LL of Ethernet: RFC 8415, 11.4
    address = lease_of(attempt, bytes.fromhex(duid).hex(":"))
    for packet in attempt.packets:
        message = packet.message
        if isinstance(message, DHCPv6) and message.client_id == duid:
            return f"bond0 has {DECLARED}, asks with the DUID {duid}, and got {address}"
    raise CheckFailed(Expected("client", f"a Solicit with the DUID {duid}"), "none has come")


@looks_at(on("server", Kind.LINK), file("client", LEASES))
def has_planned_address(attempt: "Attempt") -> str:
    """Netplan's file has the address, the bond has it, and so has the lease."""
    file = "/run/systemd/network/10-netplan-bond0.netdev"
    written = attempt.run("server", ["cat", file]).output
    if f"MACAddress={PLANNED}" not in written:
        raise CheckFailed(Expected("server", f"MACAddress={PLANNED} in {file}"), "it is not there")
    bond_has(PLANNED)(attempt)
    return f"netplan wrote MACAddress={PLANNED}, and bond0 got {lease_of(attempt, PLANNED)}"
