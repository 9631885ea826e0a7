"""Reads the pcap file format (draft-ietf-opsawg-pcap)."""

import struct
from collections.abc import Iterator

from labkernel.errors import LabError

_ETHERNET = 1
_HEADER = 24
# magic number as read in little-endian order: byte order, and fractions in a second
_MAGIC = {
    0xA1B2C3D4: ("<", 1e6),
    0xD4C3B2A1: (">", 1e6),
    0xA1B23C4D: ("<", 1e9),
    0x4D3CB2A1: (">", 1e9),
}


def frames(data: bytes) -> Iterator[tuple[float, bytes]]:
    """The time (in seconds since 1970) and octets of each frame; an empty file has none.

    :raises LabError: it is no pcap file of Ethernet frames.
    """
    if not data:
        return
    order, fractions = _opened(data)
    at, record = _HEADER, struct.Struct(f"{order}IIII")
    while at + record.size <= len(data):
        seconds, fraction, length, _ = record.unpack_from(data, at)
        at += record.size
        if at + length > len(data):
            return
        yield seconds + fraction / fractions, data[at : at + length]
        at += length


def _opened(data: bytes) -> tuple[str, float]:
    magic = int.from_bytes(data[:4], "little")
    if len(data) < _HEADER or magic not in _MAGIC:
        raise LabError(f"this is no pcap file: it begins with {data[:4].hex(' ')}")
    order, fractions = _MAGIC[magic]
    (link,) = struct.unpack_from(f"{order}I", data, 20)
    if link & 0xFFFF != _ETHERNET:
        raise LabError(f"this pcap file has frames of link type {link & 0xFFFF}, not Ethernet (1)")
    return order, fractions
