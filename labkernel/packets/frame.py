"""Decodes an Ethernet frame, layer by layer."""

from dataclasses import dataclass

from labkernel.packets import dhcpv6, discovery, dns, lacp
from labkernel.packets.discovery import Decoded
from labkernel.packets.octets import Malformed, ip4, ip6, mac, number, part

_VLAN = (0x8100, 0x88A8)
_ICMPV6, _TCP, _UDP, _ICMP, _FRAGMENT = 58, 6, 17, 1, 44
_EXTENSIONS = (0, 43, 60, 51, _FRAGMENT)
_TCP_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK")


@dataclass(frozen=True)
class Packet:
    """A decoded packet.

    :param number: its number in the recording, from 1, as in Wireshark.
    :param time: seconds since the first packet.
    :param source: its source IP address; empty without IP.
    :param kind: the type of the message: ``RA``, ``Solicit``, ``Echo request`` …
    :param info: a summary of one line.
    :param message: the decoded message, for types that have a class.
    :param problem: how it violates its standard, a clause; empty if it does not.
    """

    number: int
    time: float
    mac_source: str = ""
    mac_destination: str = ""
    source: str = ""
    destination: str = ""
    kind: str = "other"
    info: str = ""
    message: object | None = None
    problem: str = ""

    @property
    def to_all(self) -> bool:
        """It is a multicast or broadcast frame (IEEE 802: the group bit of a MAC address)."""
        return bool(int(self.mac_destination[:2] or "0", 16) & 1)


def decode(index: int, time: float, frame: bytes) -> Packet:
    """Decode a frame, up to the first error."""
    found: dict[str, str] = {}
    kind, info, message, problem = "other", "", None, ""
    try:
        kind, info, message = _ethernet(frame, found)
    except Malformed as error:
        problem = str(error)
    return Packet(
        index,
        time,
        found.get("mac_source", ""),
        found.get("mac_destination", ""),
        found.get("source", ""),
        found.get("destination", ""),
        kind,
        info or problem,
        message,
        problem,
    )


def _ethernet(frame: bytes, found: dict[str, str]) -> Decoded:
    found["mac_destination"], found["mac_source"] = mac(frame, 0), mac(frame, 6)
    at = 12
    while number(frame, at, 2) in _VLAN:
        at += 4
    kind, data = number(frame, at, 2), frame[at + 2 :]
    if kind == 0x86DD:
        return _ipv6(data, found)
    if kind == 0x0800:
        return _ipv4(data, found)
    if kind == 0x0806:
        return _arp(data, found)
    if kind == 0x8809 and number(data, 0, 1) == 1:
        message = lacp.decode(data[1:])
        return "LACP", str(message), message
    return "other", f"EtherType {kind:#06x}", None


def _arp(data: bytes, found: dict[str, str]) -> Decoded:
    found["source"], found["destination"] = ip4(data, 14), ip4(data, 24)
    if number(data, 6, 2) == 1:
        return "ARP", f"who has {found['destination']}?", None
    return "ARP", f"{found['source']} is at {mac(data, 8)}", None


def _ipv4(data: bytes, found: dict[str, str]) -> Decoded:
    found["source"], found["destination"] = ip4(data, 12), ip4(data, 16)
    length = (data[0] & 15) * 4
    return _transport(data[9], data[max(20, length) :], found)


def _ipv6(data: bytes, found: dict[str, str]) -> Decoded:
    found["source"], found["destination"] = ip6(data, 8), ip6(data, 24)
    header, at = data[6], 40
    data = data[: 40 + number(data, 4, 2)]
    while header in _EXTENSIONS:
        if header == _FRAGMENT and (offset := number(data, at + 2, 2) & 0xFFF8):
            return "other", f"a later fragment, from octet {offset}", None
        length = 8 if header == _FRAGMENT else (number(data, at + 1, 1) + 1) * 8
        if header == 51:  # RFC 4302, 2.2: in units of four octets, less two
            length = (number(data, at + 1, 1) + 2) * 4
        header, at = number(data, at, 1), at + length
    return _transport(header, data[at:], found)


def _transport(header: int, data: bytes, found: dict[str, str]) -> Decoded:
    if header == _ICMPV6:
        return discovery.decode(data, found["source"])
    if header == _ICMP:
        kinds = {0: "Echo reply", 8: "Echo request", 3: "Destination Unreachable"}
        return kinds.get(number(data, 0, 1), "other"), f"ICMP type {data[0]}", None
    if header == _TCP:
        flags = number(data, 13, 1)
        names = [name for bit, name in enumerate(_TCP_FLAGS) if flags >> bit & 1]
        return "TCP", f"{_ports(data)} {' '.join(names)}".rstrip(), None
    if header == _UDP:
        return _udp(data)
    return "other", f"IP protocol {header}", None


def _udp(data: bytes) -> Decoded:
    ports = {number(data, 0, 2), number(data, 2, 2)}
    inside = part(data, 8, len(data) - 8) if len(data) > 8 else b""
    if ports & {546, 547}:
        message = dhcpv6.decode(inside)
        return message.kind, str(message), message
    if 53 in ports:
        return *dns.decode(inside), None
    return "UDP", _ports(data), None


def _ports(data: bytes) -> str:
    return f"port {number(data, 0, 2)} to {number(data, 2, 2)}"
