"""The nodes and links of a lab as a whole: validation, and the interfaces."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

from labkernel.errors import TopologyError
from labkernel.needs import Need
from labkernel.topology.link import Link
from labkernel.topology.names import NAME, require_unique
from labkernel.topology.node import Node
from labkernel.topology.port import Port, mac_address

_LOOPBACK = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"


@dataclass(frozen=True)
class Topology:
    """Nodes and links, validated together.

    :raises TopologyError: a name or an address is used twice, or a link names an unknown node.
    """

    name: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise TopologyError(f"lab name {self.name!r} is not a name: use a-z, 0-9 and hyphens")
        if not self.nodes:
            raise TopologyError(f'lab "{self.name}" has no node')
        require_unique("node", self.name, (node.name for node in self.nodes))
        require_unique("link", self.name, (link.name for link in self.links))
        require_unique(
            "interface", self.name, (end for link in self.links for end in link.interfaces)
        )
        self._require_known_nodes()
        self._require_unique_addresses()

    def _require_known_nodes(self) -> None:
        names = [node.name for node in self.nodes]
        for link in self.links:
            for name in link.nodes():
                if name not in names:
                    raise TopologyError(
                        f'link "{link.name}" names node "{name}", which is not in the lab; '
                        f"nodes: {', '.join(names)}"
                    )

    def _require_unique_addresses(self) -> None:
        seen: dict[object, str] = {}
        for port in self.ports:
            for address in port.addresses:
                here = f"{port.node}:{port.name}"
                if other := seen.get(address.ip):
                    raise TopologyError(f"address {address.ip} is given to {other} and to {here}")
                seen[address.ip] = here

    def node(self, name: str) -> Node:
        """The node of that name.

        :raises TopologyError: there is none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        raise TopologyError(
            f'lab "{self.name}" has no node "{name}"; '
            f"nodes: {', '.join(node.name for node in self.nodes)}"
        )

    @property
    def needs(self) -> frozenset[Need]:
        """The needs of all nodes."""
        return frozenset[Need]().union(*(node.needs for node in self.nodes))

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """Every interface, in the order of the links."""
        return tuple(self._ports())

    def _ports(self) -> Iterator[Port]:
        following = {node.name: 2 for node in self.nodes}
        for link in self.links:
            for end in link.interfaces:
                node, _, name = end.partition(":")
                index, following[node] = following[node], following[node] + 1
                mac = mac_address(self.name, end)
                yield Port(node, name, link.name, index, mac, link.addresses[end])

    def ports_of(self, node: str) -> tuple[Port, ...]:
        """The interfaces of one node, in the order of the links."""
        return tuple(port for port in self.ports if port.node == node)

    def hosts(self) -> str:
        """The /etc/hosts of every node: names resolve without a DNS server."""
        lines = (f"{address.ip} {port.node}\n" for port in self.ports for address in port.addresses)
        return _LOOPBACK + "".join(lines)

    def cable(self, node: str, interface: str) -> tuple[Port, ...]:
        """The interfaces that lose their carrier when the cable of one is unplugged: both ends of a
        link of two; only that one on a larger link, which is a switch.

        :raises TopologyError: there is no such interface.
        """
        self.node(node)
        for port in self.ports_of(node):
            if port.name == interface:
                ends = tuple(each for each in self.ports if each.link == port.link)
                return ends if len(ends) == 2 else (port,)
        names = ", ".join(port.name for port in self.ports_of(node)) or "none"
        raise TopologyError(f'node "{node}" has no interface "{interface}"; interfaces: {names}')

    def on_link(self, link: str) -> tuple[Port, ...]:
        """The interfaces on a link and on links that switches join to it, without the switches'."""
        switches = {node.name for node in self.nodes if node.switches}
        joined, found = {link}, set[str]()
        while joined != found:
            found = set(joined)
            reached = {port.node for port in self.ports if port.link in found} & switches
            joined |= {port.link for port in self.ports if port.node in reached}
        return tuple(p for p in self.ports if p.link in joined and p.node not in switches)

    def digest(self) -> str:
        """A short digest of the topology, compared when a process attaches to a running lab."""
        nodes = [[_plain(getattr(node, each.name)) for each in fields(node)] for node in self.nodes]
        return hashlib.sha256(repr((self.name, nodes, self.ports)).encode()).hexdigest()[:16]


def _plain(value: object) -> object:
    """A value as text that is the same for equal ones."""
    return sorted(value.items()) if isinstance(value, Mapping) else value
