"""The plan of a topology for the supervisor: plain data, since it does not import Topology.

It has two parts: the nodes, which are started at once, and the wiring, whose netlink messages are
made at the same time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from labkernel import images
from labkernel.images import cache
from labkernel.topology import Topology

#: by image, the directories of its layers, the topmost first
Layers = dict[str, list[str]]


def layers(topology: Topology) -> Layers:
    """The layers of a lab's images.

    :raises ImageError: an image is not built.
    """
    names = sorted({node.image for node in topology.nodes})
    images.require(names)
    return {name: [str(path) for path in images.find(name).layers] for name in names}


def nodes(topology: Topology, layers: Layers) -> list[dict[str, Any]]:
    """The plan of each node: name, image layers, memory, sysctls, /etc/hosts, and if it runs a
    container engine."""
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
    """Open descriptors that protect the layers of a lab from removal.

    :raises ImageError: one has been removed.
    """
    return [cache.hold(Path(path).parent) for path in paths]


def wiring(topology: Topology) -> dict[str, Any]:
    """The netlink messages, in hexadecimal: bridges, and each node's wires and configuration."""
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
