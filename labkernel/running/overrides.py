"""Changes of a lab's topology that its user asks for: other images, and VMs."""

from collections.abc import Iterable
from dataclasses import replace

from labkernel import vm
from labkernel.images import override
from labkernel.topology import Node, Topology


def with_overrides(topology: Topology, vms: Iterable[str], images: Iterable[str]) -> Topology:
    """The topology with some nodes as VMs, or made from other images.

    :param vms: names of nodes, or ``"all"``.
    :param images: images that replace the images that they are based on, see
        :func:`labkernel.images.override`.
    :raises ImageError: there is no such image.
    :raises TopologyError: there is no such node.
    """
    wanted = tuple(vms)
    vm.require_nodes(topology, wanted)
    overrides = tuple(images)
    nodes = tuple(_with_overrides(node, wanted, overrides) for node in topology.nodes)
    return topology if nodes == topology.nodes else replace(topology, nodes=nodes)


def _with_overrides(node: Node, vms: Iterable[str], images: Iterable[str]) -> Node:
    image = override(node.image, images)
    return vm.as_asked(node if image == node.image else replace(node, image=image), vms)
