"""What the supervisor is told of a topology: plain data, since it imports nothing of ours.

Two parts: the nodes, with which it begins at once, and the wiring, whose netlink messages are made
meanwhile.
"""

from typing import Any

from labkernel import images
from labkernel.topology import Topology


def nodes(topology: Topology) -> list[dict[str, Any]]:
    """For each node its name, image layers (topmost first), memory, sysctls, /etc/hosts, and
    whether an engine for containers runs on it.

    :raises ImageError: an image is not built.
    """
    images.require(sorted({node.image for node in topology.nodes}))
    layers = {
        name: [str(path) for path in images.find(name).layers]
        for name in {node.image for node in topology.nodes}
    }
    names = topology.hosts()
    return [
        {
            "name": node.name,
            "layers": layers[node.image],
            "memory": node.memory,
            "sysctls": node.settings,
            "hosts": names,
            "containers": node.containers,
        }
        for node in topology.nodes
        if not node.kernel
    ]


def hold_images(topology: Topology) -> list[int]:
    """Descriptors that keep the images of a lab from being removed while they are open.

    :raises ImageError: an image is not built.
    """
    names = sorted({node.image for node in topology.nodes})
    return [fd for name in names for fd in images.find(name).hold()]


def wiring(topology: Topology) -> dict[str, Any]:
    """Netlink messages, in hexadecimal: the bridges, and each node's wires and configuration."""
    from labkernel.backends.namespaces import network

    return {
        "bridges": [message.hex() for message in network.bridges(topology)],
        "nodes": [
            {
                "name": node.name,
                "wires": [message.hex() for message in network.wires(topology, node.name)],
                "network": b"".join(network.configuration(topology.ports_of(node.name))).hex(),
            }
            for node in topology.nodes
            if not node.kernel
        ],
    }
