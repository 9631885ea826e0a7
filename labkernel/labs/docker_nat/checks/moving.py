"""Checks of the ULA and the change of networks."""

import ipaddress
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import ip_json, like
from labkernel.labs._docker import subnets
from labkernel.labs.docker_nat.checks.masquerading import speaks_for

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def own_prefix(node: str, address: str) -> "Check":
    """The containers' prefix is a ULA with a random Global ID, and the node speaks for it."""
    spoken = speaks_for(node, address)

    @like(spoken)
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, "containers with a ULA of a random Global ID")
        nets = [ipaddress.IPv6Network(each, strict=False) for each in subnets(attempt, node)]
        if not nets:
            raise CheckFailed(expected, "the engine does not answer", "start-dockerd starts it.")
        if mistake := _not_own(nets[0]):
            raise CheckFailed(expected, *mistake)
        return f"the prefix is {nets[0]}, and {spoken(attempt)}"

    return look


def moved(node: str, left: str, address: str) -> "Check":
    """The node has left its network, and speaks for its containers in another."""
    spoken = speaks_for(node, address)

    @like(spoken)
    def look(attempt: "Attempt") -> str:
        seen = spoken(attempt)
        found = ip_json(attempt, node, "link", "show", "dev", left)
        if found and "UP" in found[0].get("flags", ()):
            expected = Expected(node, f"it to have left the network of {left}")
            raise CheckFailed(expected, f"{left} is up still", f"`ip link set {left} down`.")
        return seen

    return look


def _not_own(net: ipaddress.IPv6Network) -> tuple[str, str] | None:
    """The fault of a prefix, and a hint; ``None`` for a ULA whose Global ID looks random."""
    seen = f"it is {net}"
    first = net.network_address.packed
    if net.subnet_of(ipaddress.IPv6Network("fec0::/10")):
        return seen, "That is site-local, which RFC 3879 took back in 2004."
    if not net.subnet_of(ipaddress.IPv6Network("fc00::/7")):
        return seen, "That is no ULA: it begins with fd (RFC 4193)."
    if first[0] == 0xFC:
        return seen, "fc00::/8 is not defined; a prefix that you make yourself begins with fd."
    if net.prefixlen != 64:
        return seen, "A network has a /64."
    if len(set(first[1:6])) < 3 or first[1:6] == bytes.fromhex("123456789a"):
        return seen, "Its Global ID was not drawn at random: others will have the same idea."
    return None
