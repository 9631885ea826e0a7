"""Cables of the namespaces backend: the lab's own end of a wire goes down, and QEMU tells a VM."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labkernel.backends.namespaces import network
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import BackendError
from labkernel.topology import Port, Topology

if TYPE_CHECKING:
    from labkernel.backends.namespaces.machines import Machines


def set_(
    connection: Connection,
    machines: "Machines | None",
    topology: Topology,
    ports: Iterable[Port],
    plugged: bool,
) -> None:
    """Put the cable that joins these ports in, or pull it.

    :raises BackendError: it stays as it is.
    """
    wires = []
    for port in ports:
        if machines and machines.get(port.node):
            slot = topology.ports_of(port.node).index(port)
            machines.set_link(connection, port.node, slot, plugged)
        else:
            wires.append(network.wire_name(topology.ports.index(port)))
    told = connection.ask("carrier", wires=wires, on=plugged)
    if "failed" in told:
        first = next(iter(ports))
        raise BackendError(f"{first.node}: the cable of {first.name} stays: {told['failed']}")
