"""A link of a lab: the interfaces that it joins, and their addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from labkernel.errors import TopologyError
from labkernel.topology.addresses import (
    Interface,
    Network,
    host_address,
    parse_address,
    parse_prefix,
)
from labkernel.topology.names import INTERFACE_NAME, NAME


@dataclass(frozen=True, init=False)
class Link:
    """A wire that joins two or more interfaces (a switch, where there are more than two).

    ``Link("lan", "client:eth0", "server:eth0", prefix="2001:db8::/64")``

    :param name: the link's name.
    :param interfaces: ``"node:interface"``, two or more.
    :param prefix: prefixes whose host addresses 1, 2, 3 … are assigned in the order of the
        interfaces; one text, or several for more than one family.
    :param addresses: further addresses by interface, e.g.
        ``{"server:eth0": ["2001:db8::53/64"]}``.
    """

    name: str
    interfaces: tuple[str, ...]
    prefixes: tuple[Network, ...]
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
        set_(self, "prefixes", tuple(parse_prefix(name, text) for text in prefixes))
        set_(self, "addresses", MappingProxyType(self._all_addresses(addresses or {})))

    def _require_interfaces(self) -> None:
        if not NAME.match(self.name):
            raise TopologyError(f"link name {self.name!r} is not a name: use letters and digits")
        if len(self.interfaces) < 2:
            raise TopologyError(
                f'link "{self.name}" joins {len(self.interfaces)} interface: name 2'
            )
        for end in self.interfaces:
            node, colon, interface = end.partition(":")
            if not colon or not NAME.match(node) or not INTERFACE_NAME.match(interface):
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
                [host_address(self.name, net, index) for net in self.prefixes]
                + [parse_address(self.name, text) for text in given.get(end, ())]
            )
            for index, end in enumerate(self.interfaces, start=1)
        }

    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes that it joins, in order."""
        return tuple(end.partition(":")[0] for end in self.interfaces)
