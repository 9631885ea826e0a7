"""What the supervisor is told of a topology: plain data, since it imports nothing of ours.

Two parts: the nodes, with which it begins at once, and the wiring, whose netlink messages are made
meanwhile.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from labkernel import images
from labkernel.images import cache
from labkernel.topology import Topology

#: of each image, the directories of its layers, the topmost first
Layers = dict[str, list[str]]


def layers(topology: Topology) -> Layers:
    """The layers of a lab's images.

    :raises ImageError: an image is not built.
    """
    names = sorted({node.image for node in topology.nodes})
    images.require(names)
    return {name: [str(path) for path in images.find(name).layers] for name in names}


def nodes(topology: Topology, layers: Layers) -> list[dict[str, Any]]:
    """For each node its name, image layers, memory, sysctls, /etc/hosts, and whether an engine for
    containers runs on it."""
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


def hold_layers(paths: Iterable[str]) -> list[int]:
    """Descriptors that keep the layers of a lab from being removed while they are open.

    :raises ImageError: one was removed meanwhile.
    """
    return [cache.hold(Path(path).parent) for path in paths]


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
