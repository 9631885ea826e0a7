"""A topology as netlink messages, made by pyroute2's message classes.

The client makes them and the supervisor sends them in batches: so the supervisor, which forks once
per node, stays small and need not import pyroute2, and one system call configures many interfaces.
See rtnetlink(7).
"""

import ipaddress
import socket
import struct
from collections.abc import Iterator
from functools import cache
from typing import Any

from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

from labkernel.backends.namespaces.netlink import PID_PLACEHOLDER
from labkernel.topology import Interface, Port, Topology

RTM_NEWLINK = 16
RTM_NEWADDR = 20
NLM_F_REQUEST = 1
NLM_F_ACK = 4
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400
IFF_UP = 1
IFA_F_NODAD = 0x02
IFA_F_PERMANENT = 0x80
_CHANGE = NLM_F_REQUEST
_MAKE = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL

_BRIDGE_INDEX = 10
_PORT_INDEX = 1000
_NAME = "p{:010d}"
# placeholders, which can't be mistaken for anything else in a message
_SOME_INDEX = 0x7D5A1CE3
_SOME_MAC = "fe:d7:5a:1c:e3:99"
_SOME_ADDRESS: dict[int, ipaddress.IPv4Address | ipaddress.IPv6Address] = {
    4: ipaddress.IPv4Address("219.193.167.139"),
    6: ipaddress.IPv6Address("f7d5:a1ce:39b8:6f1d:e2c4:7a95:b3d1:8e6f"),
}
_SOME_BROADCAST = ipaddress.IPv4Address("211.187.161.137")


def bridges(topology: Topology) -> list[bytes]:
    """A bridge for every link: a switch that floods multicast as a wire would."""
    return [
        _link(
            _MAKE,
            index=_BRIDGE_INDEX + place,
            up=True,
            IFLA_IFNAME=bridge_name(place),
            IFLA_LINKINFO=_kind("bridge", IFLA_BR_MCAST_SNOOPING=0, IFLA_BR_STP_STATE=0),
        )
        for place, _ in enumerate(topology.links)
    ]


def bridge_name(place: int) -> str:
    """Of the link in this place of the topology."""
    return f"br{place}"


def wire_name(place: int) -> str:
    """The lab's own end of the wire to the port in this place of the topology."""
    return _NAME.format(_PORT_INDEX + place)


def wires(topology: Topology, node: str) -> list[bytes]:
    """A veth pair for every port of a node, one end on the link's bridge.

    The other end goes to the process that `netlink.PID_PLACEHOLDER` stands for.
    """
    places = {link.name: place for place, link in enumerate(topology.links)}
    return [
        _wire(_PORT_INDEX + place, _BRIDGE_INDEX + places[port.link], port)
        for place, port in enumerate(topology.ports)
        if port.node == node
    ]


def _wire(index: int, bridge: int, port: Port) -> bytes:
    """One message is encoded per shape of wire, and filled in for each: encoding takes pyroute2
    0.2 ms, which a lab of hundreds of nodes would be waiting for."""
    return _filled(
        _wire_of(bridge, port.index, port.name),
        struct.pack("=I", _SOME_INDEX),
        struct.pack("=I", index),
        _NAME.format(_SOME_INDEX).encode(),
        _NAME.format(index).encode(),
        _octets(_SOME_MAC),
        _octets(port.mac),
    )


@cache
def _wire_of(bridge: int, peer_index: int, peer_name: str) -> bytes:
    peer = {
        "index": peer_index,
        "attrs": [
            ("IFLA_IFNAME", peer_name),
            ("IFLA_ADDRESS", _SOME_MAC),
            ("IFLA_NET_NS_PID", PID_PLACEHOLDER),
        ],
    }
    return _link(
        _MAKE,
        index=_SOME_INDEX,
        up=True,
        IFLA_IFNAME=_NAME.format(_SOME_INDEX),
        IFLA_MASTER=bridge,
        IFLA_LINKINFO=_kind("veth", VETH_INFO_PEER=peer),
    )


def _filled(template: bytes, *pairs: bytes) -> bytes:
    """The template with each placeholder, which must stand in it, replaced by its value."""
    for place, value in zip(pairs[::2], pairs[1::2], strict=True):
        if place not in template:
            raise ValueError(f"the netlink message has no {place.hex()} to fill in")
        template = template.replace(place, value)
    return template


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def configuration(ports: tuple[Port, ...]) -> list[bytes]:
    """What a node sends in its own network namespace once its interfaces are there.

    The kernel's own link-local address would be tentative for a second or two; the same address
    (EUI-64) is given without duplicate address detection instead, since the MAC addresses of a lab
    are known to differ.  Afterwards the interfaces behave as Linux has them by default.
    """
    messages = [_link(_CHANGE, index=1, up=True)]
    for port in ports:
        messages += _interface(port)
    return messages


def _interface(port: Port) -> Iterator[bytes]:
    yield _generate(port.index, mode=1)
    yield _link(_CHANGE, index=port.index, up=True)
    for address in (port.link_local, *port.addresses):
        yield _address(port.index, address)
    yield _generate(port.index, mode=0)


def _kind(name: str, **data: Any) -> dict[str, Any]:
    return {"attrs": [("IFLA_INFO_KIND", name), ("IFLA_INFO_DATA", {"attrs": list(data.items())})]}


@cache
def _generate(index: int, mode: int) -> bytes:
    """Set how link-local addresses are generated: 0 by EUI-64, 1 not at all."""
    inet6 = {"attrs": [("IFLA_INET6_ADDR_GEN_MODE", mode)]}
    return _link(_CHANGE, index=index, IFLA_AF_SPEC={"attrs": [("AF_INET6", inet6)]})


def _link(flags: int, index: int, up: bool = False, **attributes: Any) -> bytes:
    message = ifinfmsg()
    if up:
        message["flags"] = message["change"] = IFF_UP
    message["index"] = index
    return _encode(message, RTM_NEWLINK, flags, attributes)


def _address(index: int, address: Interface) -> bytes:
    network = address.network
    message = _address_of(index, network.version, network.prefixlen)
    fillings = [_SOME_ADDRESS[network.version].packed, address.ip.packed]
    if _has_broadcast(network.version, network.prefixlen):
        fillings += [_SOME_BROADCAST.packed, network.broadcast_address.packed]
    return _filled(message, *fillings)


def _has_broadcast(version: int, length: int) -> bool:
    """RFC 3021: not on a link of two; IPv6 has none."""
    return version == 4 and length < 31


@cache
def _address_of(index: int, version: int, length: int) -> bytes:
    """As in :func:`_wire`: encoded once per shape."""
    some = str(_SOME_ADDRESS[version])
    message = ifaddrmsg()
    message["index"] = index
    message["family"] = socket.AF_INET6 if version == 6 else socket.AF_INET
    message["prefixlen"] = length
    attributes: dict[str, Any] = {"IFA_LOCAL": some, "IFA_ADDRESS": some}
    if version == 6:
        message["flags"] = IFA_F_NODAD | IFA_F_PERMANENT
    elif _has_broadcast(version, length):
        attributes["IFA_BROADCAST"] = str(_SOME_BROADCAST)
    return _encode(message, RTM_NEWADDR, _MAKE, attributes)


def _encode(message: Any, kind: int, flags: int, attributes: dict[str, Any]) -> bytes:
    message["header"] = {"type": kind, "flags": flags, "sequence_number": 0}
    message["attrs"] = list(attributes.items())
    message.encode()
    return bytes(message.data)
