"""An interface of a node, with the MAC address and ifindex that it has in every run."""

import hashlib
import ipaddress
from dataclasses import dataclass

from labkernel.topology.addresses import Interface


@dataclass(frozen=True)
class Port:
    """An interface of a node, as the topology declares it.

    :param index: its ifindex in the node: 2 for the first (1 is ``lo``).
    :param mac: its MAC address, the same at each start, so that link-local addresses are too.
    """

    node: str
    name: str
    link: str
    index: int
    mac: str
    addresses: tuple[Interface, ...]

    @property
    def link_local(self) -> ipaddress.IPv6Interface:
        """The address that the kernel makes from its MAC address (RFC 4291, appendix A)."""
        octets = bytearray.fromhex(self.mac.replace(":", ""))
        octets[0] ^= 2
        identifier = octets[:3] + b"\xff\xfe" + octets[3:]
        return ipaddress.IPv6Interface((b"\xfe\x80" + bytes(6) + bytes(identifier), 64))


def mac_address(lab: str, end: str) -> str:
    """The MAC address of an interface ``node:name``: locally administered, unicast (IEEE 802, bits
    1 and 0 of the first octet)."""
    tail = hashlib.sha256(f"{lab} {end}".encode()).digest()[:5]
    return "02:" + tail.hex(":")
