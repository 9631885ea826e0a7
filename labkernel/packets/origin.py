"""Finds the packet that configured an address."""

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from labkernel.packets.dhcpv6 import DHCPv6
from labkernel.packets.discovery import RouterAdvertisement
from labkernel.packets.frame import Packet

How = Literal["SLAAC", "DHCPv6", "prefix delegation"]


@dataclass(frozen=True)
class Origin:
    """The packet that configured an address, its protocol, and the reason, a sentence."""

    packet: Packet
    how: How
    why: str


def origin(
    packets: Sequence[Packet], address: str, receiver: Collection[str] = ()
) -> Origin | None:
    """Find the packet that configured an address: the first one, since later ones only renew it.

    :param receiver: the MAC addresses of the node that has the address: packets to others are
        ignored.  Empty: no filter.

    A Reply with the address itself is preferred, then a Router Advertisement with its prefix and
    the A flag (RFC 4862, 5.5.3), then a Reply that delegated its prefix.
    """
    wanted = ipaddress.IPv6Address(address.partition("/")[0])
    received = [packet for packet in packets if _reached(packet, receiver) and not packet.problem]
    for find in (_by_reply, _by_advertisement, _by_delegation):
        for packet in received:
            if found := find(packet, wanted):
                return found
    return None


def _reached(packet: Packet, receiver: Collection[str]) -> bool:
    return not receiver or packet.to_all or packet.mac_destination in receiver


def _by_reply(packet: Packet, wanted: ipaddress.IPv6Address) -> Origin | None:
    message = packet.message
    if not isinstance(message, DHCPv6) or message.kind != "Reply":
        return None
    if not any(given == str(wanted) and valid for given, _, valid in message.addresses):
        return None
    why = f"Packet {packet.number}, a DHCPv6 Reply from {packet.source}, gives this very address."
    return Origin(packet, "DHCPv6", why)


def _by_advertisement(packet: Packet, wanted: ipaddress.IPv6Address) -> Origin | None:
    if not isinstance(packet.message, RouterAdvertisement):
        return None
    for information in packet.message.prefixes:
        net = ipaddress.IPv6Network(information.prefix)
        # RFC 4862: the prefix and the interface identifier must fill 128 bits
        if information.autonomous and information.valid and net.prefixlen == 64 and wanted in net:
            return Origin(
                packet,
                "SLAAC",
                f"Packet {packet.number}, a Router Advertisement from {packet.source}, announces "
                f"{net} with the A flag; the last 64 bits the node chose itself.",
            )
    return None


def _by_delegation(packet: Packet, wanted: ipaddress.IPv6Address) -> Origin | None:
    message = packet.message
    if not isinstance(message, DHCPv6) or message.kind != "Reply":
        return None
    for net, _, valid in message.prefixes:
        if valid and wanted in ipaddress.IPv6Network(net):
            return Origin(
                packet,
                "prefix delegation",
                f"Packet {packet.number}, a DHCPv6 Reply from {packet.source}, delegates {net}, "
                "of which this address is.",
            )
    return None
