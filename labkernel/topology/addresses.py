"""The prefixes and addresses of a link, parsed from what its author wrote."""

import ipaddress

from labkernel.errors import TopologyError

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_prefix(link: str, text: str) -> Network:
    """A prefix of a link.

    :raises TopologyError: it is not written as one.
    """
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise TopologyError(
            f'link "{link}" has prefix {text!r}: {error}; write it as in "2001:db8::/64"'
        ) from None


def parse_address(link: str, text: str) -> Interface:
    """An address on a link, with its prefix length.

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


def host_address(link: str, net: Network, place: int) -> Interface:
    """The host address of a prefix with that number, from 1.

    :raises TopologyError: the prefix has fewer.
    """
    if place > net.num_addresses - (2 if net.version == 4 else 1):
        raise TopologyError(f'link "{link}" has no address left in {net} for interface {place}')
    return ipaddress.ip_interface(f"{net.network_address + place}/{net.prefixlen}")
