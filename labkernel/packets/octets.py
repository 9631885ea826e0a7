"""Reads fields of packets that may be truncated."""

import ipaddress

FOREVER = 0xFFFFFFFF


class Malformed(ValueError):
    """A packet violates its standard; the message is a clause that says how."""


def part(data: bytes, at: int, length: int) -> bytes:
    """A slice of a packet.

    :raises Malformed: the packet is too short.
    """
    if len(data) < at + length:
        raise Malformed(f"it ends after {len(data)} of {at + length} octets")
    return data[at : at + length]


def number(data: bytes, at: int, length: int) -> int:
    """An unsigned integer in network byte order."""
    return int.from_bytes(part(data, at, length), "big")


def ip6(data: bytes, at: int) -> str:
    """An IPv6 address."""
    return str(ipaddress.IPv6Address(part(data, at, 16)))


def ip4(data: bytes, at: int) -> str:
    """An IPv4 address."""
    return str(ipaddress.IPv4Address(part(data, at, 4)))


def mac(data: bytes, at: int) -> str:
    """A MAC address."""
    return part(data, at, 6).hex(":")


def prefix(octets: bytes, length: int) -> str:
    """An IPv6 prefix, whose trailing octets may be omitted."""
    if length > 128:
        raise Malformed(f"a prefix length of {length}")
    whole = int.from_bytes(octets[:16].ljust(16, b"\0"), "big")
    return str(ipaddress.IPv6Network((whole, length), strict=False))


def seconds(value: int) -> str:
    """A lifetime as text."""
    return "for ever" if value == FOREVER else f"{value} s"
