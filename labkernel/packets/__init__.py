"""Decodes packets of a pcap file: the protocols that the labs teach.

Ethernet, ARP, IPv6 with its extension headers, Neighbor Discovery (RFC 4861, 4191, 8106), MLD,
DHCPv6 (RFC 8415), LACP (IEEE 802.1AX), DNS, TCP and UDP.  It uses the standard library alone, to be
imported fast.  Malformed octets give a packet with a `problem`, never an exception.
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
    """Read the packets of a pcap file; of a truncated one, the complete packets.

    :raises LabError: it is no pcap file of Ethernet frames.
    """
    found: list[Packet] = []
    begin = None
    for time, frame in frames(data):
        begin = time if begin is None else begin
        found.append(decode(len(found) + 1, time - begin, frame))
    return found
