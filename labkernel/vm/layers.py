"""Finds the image with a kernel for a node's image, and selects the nodes that become VMs."""

from collections.abc import Iterable
from dataclasses import replace

from labkernel import images
from labkernel.errors import TopologyError
from labkernel.topology import Node, Topology

_KERNEL = "vm"

_ALL = "all"
#: MiB: below this, the kernel of the images does not boot
LEAST_MEMORY = 256


def bootable(name: str) -> str:
    """The name of the image that boots by itself and has what the image of that name has.

    :raises ImageError: there is no image of that name.
    """
    chain = [each.name for each in images.find(name).chain]
    if any(each.partition("-on-")[0] == _KERNEL for each in chain):
        return name
    return _KERNEL if name == images.find(_KERNEL).chain[-2].name else f"{_KERNEL}-on-{name}"


def as_asked(node: Node, names: Iterable[str]) -> Node:
    """The node with a kernel of its own, where it is named, or all are; else as it is.

    :raises ImageError: there is no such image as its own.
    """
    if node.kernel or not {node.name, _ALL} & set(names):
        return node
    memory = max(node.memory, LEAST_MEMORY)
    return replace(node, kernel=True, image=bootable(node.image), memory=memory)


def require_nodes(topology: Topology, names: Iterable[str]) -> None:
    """Raise unless these are nodes of this lab.

    :raises TopologyError: which it does not have.
    """
    given = list(names)
    known = nodes_among(topology, given)
    if unknown := [name for name in given if name not in known]:
        nodes = ", ".join(node.name for node in topology.nodes)
        raise TopologyError(
            f'lab "{topology.name}" has no node "{unknown[0]}" that could be a VM '
            f"(LABKERNEL_VMS, --vm); nodes: {nodes}"
        )


def nodes_among(topology: Topology, names: Iterable[str]) -> list[str]:
    """The names that are nodes of this lab."""
    known = {_ALL, *(node.name for node in topology.nodes)}
    return [name for name in names if name in known]
