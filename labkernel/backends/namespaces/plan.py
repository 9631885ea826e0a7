"""What the supervisor is told of a topology: plain data, since it imports nothing of ours.

Two parts: the nodes, with which it begins at once, and the wiring, whose netlink messages are made
meanwhile.
"""

from typing import Any

from labkernel import images
from labkernel.topology import Node, Topology

_LOOPBACK = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
_FORWARDING = {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"}


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
    names = hosts(topology)
    return [
        {
            "name": node.name,
            "layers": layers[node.image],
            "memory": node.memory,
            "sysctls": sysctls(node),
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


def sysctls(node: Node) -> dict[str, str]:
    """What a node is set to from the start."""
    return (_FORWARDING if node.forwards else {}) | dict(node.sysctls)


def hosts(topology: Topology) -> str:
    """Every node's /etc/hosts: names work before there is a DNS server."""
    return _LOOPBACK + _hosts(topology)


def _hosts(topology: Topology) -> str:
    return "".join(
        f"{address.ip} {port.node}\n" for port in topology.ports for address in port.addresses
    )
