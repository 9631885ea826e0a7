"""The ports of nodes as the picture shows them: as declared, or as they are now."""

import ipaddress
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labkernel.attempt import Nodes
from labkernel.errors import LabError, NodeLost
from labkernel.topology import Port, Topology

#: as many lines are drawn of a node at most: it may have a thousand interfaces
_MOST = 12
_LOOK = ["ip", "-json", "address", "show"]


@dataclass(frozen=True)
class PortNow:
    """An interface as it is now.

    :param name: the kernel's.
    :param up: whether it carries packets (its operational state, RFC 2863, is not "down").
    :param addresses: with prefix lengths, in the kernel's order.
    """

    name: str
    up: bool
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeNow:
    """A node as it is now.

    :param ports: its interfaces but for lo, by name.
    :param ended: whether it has ended.
    """

    ports: Mapping[str, PortNow] = field(default_factory=dict)
    ended: bool = False


Live = Mapping[str, NodeNow]
"""Nodes as they are now, by name; of one that is not in it, only what is declared is known."""


@dataclass(frozen=True)
class Row:
    """A line of a node in the picture.

    :param name: the interface's, in its first line; else empty.
    :param address: with the prefix length, or empty.
    :param port: the declared one; ``None`` if the lab declares none of that name.
    :param cut: whether the interface is down, or gone.
    :param new: whether the address is not declared.
    """

    name: str
    address: str
    port: Port | None
    cut: bool = False
    new: bool = False


def rows(topology: Topology, node: str, live: Live) -> list[Row]:
    """The lines of a node."""
    now = live.get(node)
    if now is None or now.ended:
        return [row for port in topology.ports_of(node) for row in _declared(port)]
    ports = {port.name: port for port in topology.ports_of(node)}
    lines = [row for port in ports.values() for row in _now(port, now.ports.get(port.name))]
    others = (port for name, port in now.ports.items() if name not in ports)
    lines += [row for port in others for row in _lines(port, None) if row.address]
    return _shortened(lines)


def _declared(port: Port) -> Iterator[Row]:
    for index, address in enumerate([str(each) for each in port.addresses] or [""]):
        yield Row("" if index else port.name, address, port)


def _now(port: Port, now: PortNow | None) -> Iterator[Row]:
    if now is None:
        yield Row(port.name, "", port, cut=True)
    else:
        yield from _lines(now, port)


def _lines(now: PortNow, port: Port | None) -> Iterator[Row]:
    """Link-local addresses, which each interface has, are only shown where they are declared."""
    declared = {str(each) for each in port.addresses} if port else set()
    shown = [each for each in now.addresses if each in declared or not _is_link_local(each)]
    for index, address in enumerate(shown or [""]):
        new = bool(address) and address not in declared
        yield Row("" if index else now.name, address, port, not now.up, new)


def _is_link_local(address: str) -> bool:
    return ipaddress.ip_interface(address).is_link_local


def _shortened(lines: list[Row]) -> list[Row]:
    """At most so many lines, with those on which wires end."""
    if len(lines) <= _MOST:
        return lines
    wired = [line for line in lines if line.port and line.name]
    room = max(0, _MOST - 1 - len(wired))
    more = [line for line in lines if line not in wired][:room]
    kept = [line for line in lines if line in wired or line in more]
    return [*kept, Row("", f"and {len(lines) - len(kept)} more", None)]


def look(nodes: Nodes, topology: Topology) -> Live:
    """Look at every node.

    :raises LabError: the lab has ended, or is busy.
    """
    found = {node.name: _look_at(nodes, node.name) for node in topology.nodes}
    return {name: now for name, now in found.items() if now is not None}


def _look_at(nodes: Nodes, node: str) -> NodeNow | None:
    try:
        result = nodes.run(node, _LOOK, timeout=10)
    except NodeLost:
        return NodeNow(ended=True)
    except LabError:
        return None
    ports = parsed(result.output) if result.ok else None
    return None if ports is None else NodeNow(ports)


def parsed(output: str) -> dict[str, PortNow] | None:
    """The interfaces but for lo that ``ip -json address`` has printed; ``None`` if it printed
    something else."""
    try:
        ports = [_port(entry) for entry in json.loads(output)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return {port.name: port for port in ports if port.name != "lo"}


def _port(entry: dict[str, Any]) -> PortNow:
    addresses = (f"{each['local']}/{each['prefixlen']}" for each in entry["addr_info"])
    return PortNow(
        str(entry["ifname"]),
        entry["operstate"] != "DOWN",
        tuple(str(ipaddress.ip_interface(each)) for each in addresses),
    )
