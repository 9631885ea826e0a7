"""The topology of a lab: nodes, and the links between their interfaces.

A *node* is a machine, router or host (RFC 8200, section 2); a *link* joins two or more
interfaces, each written ``"node:interface"``.  All are frozen and validated at their creation.
"""

from labkernel.topology.addresses import Interface
from labkernel.topology.link import Link
from labkernel.topology.node import Node
from labkernel.topology.port import Port
from labkernel.topology.topology import Topology

__all__ = ["Interface", "Link", "Node", "Port", "Topology"]
