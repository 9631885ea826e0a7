"""A lab's topology as somebody wants it to run: with later images, and with VMs."""

from collections.abc import Iterable
from dataclasses import replace

from labkernel import images, vm
from labkernel.topology import Node, Topology


def with_overrides(topology: Topology, vms: Iterable[str], later: Iterable[str]) -> Topology:
    """The topology with some nodes as VMs, and on later images.

    :param vms: names of nodes, or ``"all"``.
    :param later: images that take the place of those that they stand on, see
        :func:`labkernel.images.override`.
    :raises ImageError: there is no such image.
    :raises TopologyError: there is no such node.
    """
    wanted = tuple(vms)
    vm.require_nodes(topology, wanted)
    later = tuple(later)
    nodes = tuple(_arranged(node, wanted, later) for node in topology.nodes)
    return topology if nodes == topology.nodes else replace(topology, nodes=nodes)


def _arranged(node: Node, vms: Iterable[str], later: Iterable[str]) -> Node:
    image = images.override(node.image, later)
    return vm.as_asked(node if image == node.image else replace(node, image=image), vms)
