"""Cables of the namespaces backend: sets the lab's end of a wire down; QEMU informs a VM."""

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
    """Plug in the cable between ports, or unplug it.

    :raises BackendError: it could not be changed.
    """
    wires = []
    for port in ports:
        if machines and machines.get(port.node):
            slot = topology.ports_of(port.node).index(port)
            machines.set_link(connection, port.node, slot, plugged)
        else:
            wires.append(network.wire_name(topology.ports.index(port)))
    reply = connection.ask("carrier", wires=wires, on=plugged)
    if "failed" in reply:
        first = next(iter(ports))
        raise BackendError(
            f"{first.node}: the cable of {first.name} can't be changed: {reply['failed']}"
        )
