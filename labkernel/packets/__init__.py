"""Packets of a pcap file, decoded as far as the labs teach them.

Ethernet, ARP, IPv6 with its extension headers, Neighbor Discovery (RFC 4861, 4191, 8106), MLD,
DHCPv6 (RFC 8415), LACP (IEEE 802.1AX), DNS, TCP and UDP.  Standard library alone, so that it is
imported in a blink; whatever the octets are, there is a packet or a problem in words, never an
exception.
"""

from labkernel.packets.dhcpv6 import DHCPv6
from labkernel.packets.discovery import (
    NeighborAdvertisement,
    NeighborSolicitation,
    PrefixInformation,
    RouterAdvertisement,
)
from labkernel.packets.frame import Packet, decode
from labkernel.packets.lacp import LACP, Side
from labkernel.packets.origin import Origin, origin
from labkernel.packets.pcap import frames
from labkernel.packets.table import table

__all__ = [
    "LACP",
    "DHCPv6",
    "NeighborAdvertisement",
    "NeighborSolicitation",
    "Origin",
    "Packet",
    "PrefixInformation",
    "RouterAdvertisement",
    "Side",
    "origin",
    "read",
    "table",
]


def read(data: bytes) -> list[Packet]:
    """The packets of a pcap file; of one that breaks off, those that are whole.

    :raises LabError: it is no pcap file of Ethernet frames.
    """
    found: list[Packet] = []
    begin = None
    for time, frame in frames(data):
        begin = time if begin is None else begin
        found.append(decode(len(found) + 1, time - begin, frame))
    return found
