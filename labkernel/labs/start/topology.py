"""The two nodes and their link, whose prefix may be chosen."""

from collections.abc import Mapping
from ipaddress import IPv6Network

from labkernel import Lab, LabError, Link, Node


def prefix_of(variables: Mapping[str, str]) -> IPv6Network:
    """The link's prefix.

    :raises LabError: what is given is no IPv6 prefix of /64.
    """
    text = variables.get("prefix", "2001:db8::/64")
    try:
        net = IPv6Network(text)
    except ValueError as error:
        raise LabError(f"prefix={text!r} is no IPv6 prefix: {error}") from None
    if net.prefixlen != 64:
        raise LabError(f"prefix={text!r} is a /{net.prefixlen}, and no /64")
    return net


def make(net: IPv6Network) -> Lab:
    """The lab without its steps."""
    return Lab(
        "start",
        title="A first lab: two nodes and a link between them",
        minutes=10,
        nodes=[Node("alpha"), Node("bravo")],
        links=[Link("lan", "alpha:eth0", "bravo:eth0", prefix=str(net))],
    )
