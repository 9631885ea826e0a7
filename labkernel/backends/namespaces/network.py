"""Makes the netlink messages of a topology, with pyroute2's message classes.

The client makes them and the supervisor sends them in batches: so the supervisor, which forks once
per node, stays small without pyroute2, and one system call configures many interfaces.
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
    """The messages that make a bridge for every link; it floods multicast as a wire does."""
    return [
        _link(
            _MAKE,
            index=_BRIDGE_INDEX + position,
            up=True,
            IFLA_IFNAME=bridge_name(position),
            IFLA_LINKINFO=_kind("bridge", IFLA_BR_MCAST_SNOOPING=0, IFLA_BR_STP_STATE=0),
        )
        for position, _ in enumerate(topology.links)
    ]


def bridge_name(position: int) -> str:
    """Bridge name of the link at this index."""
    return f"br{position}"


def wire_name(position: int) -> str:
    """Name of the lab's end of the wire to the port at this index."""
    return _NAME.format(_PORT_INDEX + position)


def wires(topology: Topology, node: str) -> list[bytes]:
    """The messages that make a veth pair for every port of a node, one end on the link's bridge.

    The other end is moved to the process whose id replaces `netlink.PID_PLACEHOLDER`.
    """
    positions = {link.name: position for position, link in enumerate(topology.links)}
    return [
        _wire(_PORT_INDEX + position, _BRIDGE_INDEX + positions[port.link], port)
        for position, port in enumerate(topology.ports)
        if port.node == node
    ]


def _wire(index: int, bridge: int, port: Port) -> bytes:
    """Make the message for a wire from a cached template: encoding takes pyroute2 0.2 ms, which is
    too long for hundreds of nodes."""
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
    """Replace each placeholder in a template by its value."""
    for placeholder, value in zip(pairs[::2], pairs[1::2], strict=True):
        if placeholder not in template:
            raise ValueError(f"the netlink message has no {placeholder.hex()} to fill in")
        template = template.replace(placeholder, value)
    return template


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def configuration(ports: tuple[Port, ...]) -> list[bytes]:
    """The messages that a node sends in its own network namespace to configure its interfaces.

    The kernel's own link-local address would be tentative for a second or two; instead the same
    address (EUI-64) is added without duplicate address detection, since the MAC addresses of a lab
    are unique.  Afterwards the interfaces have Linux's default behaviour.
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
    """The message that sets how link-local addresses are generated: 0 by EUI-64, 1 not at all."""
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
    """Check if a prefix has a broadcast address: not a /31 (RFC 3021), and not in IPv6."""
    return version == 4 and length < 31


@cache
def _address_of(index: int, version: int, length: int) -> bytes:
    """The template of an address message, encoded once as in :func:`_wire`."""
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
