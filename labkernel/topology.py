"""What a lab is made of: nodes, and the links between their interfaces.

A *node* is a machine, router or host (RFC 8200, section 2); a *link* joins two or more
interfaces, each written ``"node:interface"``.  All are frozen and validated when they are made.
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType

from labkernel.errors import TopologyError
from labkernel.needs import CONTAINERS, FUSE, KERNELS, NESTED, Need

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")
_LOOPBACK = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
_FORWARDING = {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"}
# IFNAMSIZ is 16 with the closing zero; "/" and white space are refused by the kernel
_INTERFACE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,14}\Z")


@dataclass(frozen=True)
class Node:
    """A machine of the lab.

    :param name: its host name: a lower-case letter, then letters, digits and hyphens.
    :param image: the name of the image that its root file system is made from.
    :param kernel: whether it needs a Linux kernel of its own, and so becomes a VM.
    :param forwards: whether it forwards packets (a router, RFC 8200) from the start.
    :param switches: whether it joins its interfaces into one link from the start, and has no
        address on it (a switch; a bridge of IEEE 802.1Q).
    :param sysctls: further settings, e.g. ``{"net.ipv6.conf.all.proxy_ndp": "1"}``.
    :param memory: what its files may take in memory, in MiB; also a VM's RAM.
    :param containers: whether an engine for containers runs on it: its data, in /var/lib/docker,
        then is no overlay on an overlay, and it sees cgroups, though read-only.
    :param nested: whether a VM's CPU can run VMs itself.
    :param fuse: whether file systems are mounted on it by FUSE.
    :param disk: the size of a further disk, in GiB, that it has where it is a VM: empty at each
        start; 0: none.  In namespaces it lies in memory, and takes no more of that than `memory`.
    """

    name: str
    image: str = "base"
    kernel: bool = False
    forwards: bool = False
    switches: bool = False
    sysctls: Mapping[str, str] = field(default_factory=dict)
    memory: int = 512
    containers: bool = False
    nested: bool = False
    fuse: bool = False
    disk: int = 0

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise TopologyError(
                f"node name {self.name!r} is not a host name: "
                "use a lower-case letter, then letters, digits and hyphens (63 at most)"
            )
        if self.forwards and self.switches:
            raise TopologyError(f"node {self.name!r} is a router and a switch: choose one")
        if self.memory < 1:
            raise TopologyError(f"node {self.name!r} has memory={self.memory}: give MiB, 1 or more")
        if self.disk < 0:
            raise TopologyError(f"node {self.name!r} has disk={self.disk}: give GiB, or 0 for none")
        if self.nested and not self.kernel:
            raise TopologyError(f"node {self.name!r} has nested=True: give kernel=True as well")
        object.__setattr__(self, "sysctls", MappingProxyType(dict(self.sysctls)))

    @property
    def needs(self) -> frozenset[Need]:
        """What it asks of the backend."""
        asked = {
            KERNELS: self.kernel,
            NESTED: self.nested,
            CONTAINERS: self.containers,
            FUSE: self.fuse,
        }
        return frozenset(need for need, wanted in asked.items() if wanted)

    @property
    def settings(self) -> dict[str, str]:
        """All sysctls that it has from the start."""
        return (_FORWARDING if self.forwards else {}) | dict(self.sysctls)


@dataclass(frozen=True, init=False)
class Link:
    """A wire that joins two or more interfaces (a switch, where there are more than two).

    ``Link("lan", "client:eth0", "server:eth0", prefix="2001:db8::/64")``

    :param name: the link's name.
    :param interfaces: ``"node:interface"``, two or more.
    :param prefix: prefixes whose host addresses 1, 2, 3 … are given out in the order of the
        interfaces; one text, or several for more than one family.
    :param addresses: further addresses by interface, e.g.
        ``{"server:eth0": ["2001:db8::53/64"]}``.
    """

    name: str
    interfaces: tuple[str, ...]
    prefixes: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    addresses: Mapping[str, tuple[Interface, ...]]

    def __init__(
        self,
        name: str,
        *interfaces: str,
        prefix: str | Iterable[str] = (),
        addresses: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        prefixes = (prefix,) if isinstance(prefix, str) else tuple(prefix)
        set_ = object.__setattr__
        set_(self, "name", name)
        set_(self, "interfaces", interfaces)
        self._require_interfaces()
        set_(self, "prefixes", tuple(_network(name, text) for text in prefixes))
        set_(self, "addresses", MappingProxyType(self._all_addresses(addresses or {})))

    def _require_interfaces(self) -> None:
        if not _NAME.match(self.name):
            raise TopologyError(f"link name {self.name!r} is not a name: use letters and digits")
        if len(self.interfaces) < 2:
            raise TopologyError(
                f'link "{self.name}" joins {len(self.interfaces)} interface: name 2'
            )
        for end in self.interfaces:
            node, colon, interface = end.partition(":")
            if not colon or not _NAME.match(node) or not _INTERFACE_NAME.match(interface):
                raise TopologyError(
                    f'link "{self.name}" names {end!r}: write "node:interface", as in "alpha:eth1"'
                )
        if len(set(self.interfaces)) != len(self.interfaces):
            raise TopologyError(f'link "{self.name}" names an interface twice')

    def _all_addresses(
        self, given: Mapping[str, Iterable[str]]
    ) -> dict[str, tuple[Interface, ...]]:
        for end in given:
            if end not in self.interfaces:
                raise TopologyError(
                    f'link "{self.name}" gives addresses to {end!r}, which it does not join; '
                    f"interfaces: {', '.join(self.interfaces)}"
                )
        return {
            end: tuple(
                [_host(self.name, net, place) for net in self.prefixes]
                + [_address(self.name, text) for text in given.get(end, ())]
            )
            for place, end in enumerate(self.interfaces, start=1)
        }

    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes that it joins, in order."""
        return tuple(end.partition(":")[0] for end in self.interfaces)


@dataclass(frozen=True)
class Port:
    """An interface of a node as the topology fixes it.

    :param index: its ifindex in the node: 2 for the first (1 is ``lo``).
    :param mac: its MAC address, the same at each start, so that link-local addresses are too.
    """

    node: str
    name: str
    link: str
    index: int
    mac: str
    addresses: tuple[Interface, ...]

    @property
    def link_local(self) -> ipaddress.IPv6Interface:
        """The address that the kernel makes from its MAC address (RFC 4291, appendix A)."""
        octets = bytearray.fromhex(self.mac.replace(":", ""))
        octets[0] ^= 2
        identifier = octets[:3] + b"\xff\xfe" + octets[3:]
        return ipaddress.IPv6Interface((b"\xfe\x80" + bytes(6) + bytes(identifier), 64))


@dataclass(frozen=True)
class Topology:
    """Nodes and links that fit together.

    :raises TopologyError: a name or an address stands twice, or a link names an unknown node.
    """

    name: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise TopologyError(f"lab name {self.name!r} is not a name: use a-z, 0-9 and hyphens")
        if not self.nodes:
            raise TopologyError(f'lab "{self.name}" has no node')
        _unique("node", self.name, (node.name for node in self.nodes))
        _unique("link", self.name, (link.name for link in self.links))
        _unique("interface", self.name, (end for link in self.links for end in link.interfaces))
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
        """What its nodes ask of the backend."""
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
                yield Port(node, name, link.name, index, _mac(self.name, end), link.addresses[end])

    def ports_of(self, node: str) -> tuple[Port, ...]:
        """The interfaces of one node, in the order of the links."""
        return tuple(port for port in self.ports if port.node == node)

    def hosts(self) -> str:
        """Every node's /etc/hosts: names work before there is a DNS server."""
        lines = (f"{address.ip} {port.node}\n" for port in self.ports for address in port.addresses)
        return _LOOPBACK + "".join(lines)

    def cable(self, node: str, interface: str) -> tuple[Port, ...]:
        """The interfaces that lose their carrier when the cable of one is pulled: both ends of a
        link of two; of a larger one, which is a switch, only that one.

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
        """The interfaces on a link, and on those that switches join to it; not the switches'."""
        switches = {node.name for node in self.nodes if node.switches}
        joined, found = {link}, set[str]()
        while joined != found:
            found = set(joined)
            reached = {port.node for port in self.ports if port.link in found} & switches
            joined |= {port.link for port in self.ports if port.node in reached}
        return tuple(p for p in self.ports if p.link in joined and p.node not in switches)

    def digest(self) -> str:
        """A short text that changes whenever the topology does: what a re-attachment compares."""
        nodes = [[_plain(getattr(node, each.name)) for each in fields(node)] for node in self.nodes]
        return hashlib.sha256(repr((self.name, nodes, self.ports)).encode()).hexdigest()[:16]


def _plain(value: object) -> object:
    """A value as text that is the same for equal ones."""
    return sorted(value.items()) if isinstance(value, Mapping) else value


def _mac(lab: str, end: str) -> str:
    """A locally administered unicast MAC address (IEEE 802, bits 1 and 0 of the first octet)."""
    tail = hashlib.sha256(f"{lab} {end}".encode()).digest()[:5]
    return "02:" + tail.hex(":")


def _unique(kind: str, lab: str, names: Iterable[str]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise TopologyError(f'lab "{lab}" has two {kind}s named "{name}"')
        seen.add(name)


def _network(link: str, text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise TopologyError(
            f'link "{link}" has prefix {text!r}: {error}; write it as in "2001:db8::/64"'
        ) from None


def _address(link: str, text: str) -> Interface:
    try:
        if "/" not in text:
            raise ValueError("the prefix length is missing")
        return ipaddress.ip_interface(text)
    except ValueError as error:
        raise TopologyError(
            f'link "{link}" has address {text!r}: {error}; write it as in "2001:db8::1/64"'
        ) from None


def _host(link: str, net: ipaddress.IPv4Network | ipaddress.IPv6Network, place: int) -> Interface:
    if place > net.num_addresses - (2 if net.version == 4 else 1):
        raise TopologyError(f'link "{link}" has no address left in {net} for interface {place}')
    return ipaddress.ip_interface(f"{net.network_address + place}/{net.prefixlen}")
