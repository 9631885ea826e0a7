"""Parses the prefixes and addresses of a link."""

import ipaddress

from labkernel.errors import TopologyError

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_prefix(link: str, text: str) -> Network:
    """Parse a prefix of a link.

    :raises TopologyError: it is not written as one.
    """
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise TopologyError(
            f'link "{link}" has prefix {text!r}: {error}; write it as in "2001:db8::/64"'
        ) from None


def parse_address(link: str, text: str) -> Interface:
    """Parse an address on a link, with its prefix length.

    :raises TopologyError: it is not written as one.
    """
    try:
        if "/" not in text:
            raise ValueError("the prefix length is missing")
        return ipaddress.ip_interface(text)
    except ValueError as error:
        raise TopologyError(
            f'link "{link}" has address {text!r}: {error}; write it as in "2001:db8::1/64"'
        ) from None


def host_address(link: str, net: Network, index: int) -> Interface:
    """The host address of a prefix with an index, from 1.

    :raises TopologyError: the prefix has fewer.
    """
    if index > net.num_addresses - (2 if net.version == 4 else 1):
        raise TopologyError(f'link "{link}" has no address left in {net} for interface {index}')
    return ipaddress.ip_interface(f"{net.network_address + index}/{net.prefixlen}")
