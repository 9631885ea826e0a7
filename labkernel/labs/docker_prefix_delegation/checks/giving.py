"""Checks of Docker's part of the prefix."""

import ipaddress
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs._docker import no_engine, subnets

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def given(node: str, whole: str, part: str) -> "Check":
    """The engine gives its containers addresses of a part of the delegated prefix."""
    delegation = ipaddress.IPv6Network(whole)

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"an engine that gives containers addresses of {part}")
        have = subnets(attempt, node)
        if not have:
            raise CheckFailed(expected, *_no_subnet(attempt, node))
        if IPv6Network(part) not in [IPv6Network(each, strict=False) for each in have]:
            raise CheckFailed(expected, f"it gives {have[0]}", _other_part(delegation, have[0]))
        return f"the engine gives its containers addresses of {part}"

    return look


def _no_subnet(attempt: "Attempt", node: str) -> tuple[str, str]:
    start = "`start-dockerd` starts it, with the options given to it."
    return no_engine(attempt, node, start) or (
        "it gives no IPv6 addresses",
        "`--ipv6` alone is not enough: see --fixed-cidr-v6.",
    )


def _other_part(delegation: ipaddress.IPv6Network, text: str) -> str:
    net = ipaddress.IPv6Network(text, strict=False)
    if net == delegation:
        return "That is all of it: the host's own network on lo would be behind docker0."
    if net.supernet_of(delegation) or not net.subnet_of(delegation):
        return f"The CPE leads {delegation} to the host, and nothing else: no reply comes back."
    if net.prefixlen != 64:
        return "A network has a /64."
    return "It is delegated, but not the first of the four."


_PAGE = "It is a container that answers."


def untouched(address: str) -> "Check":
    """On the wire, the packets are to the container's own address: nobody has changed it."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        to = {packet.destination for packet in attempt.packets}
        if address not in to:
            seen = f"they go to {', '.join(sorted(to)) or 'nobody'}"
            raise CheckFailed(f"packets to {address} on the core", seen)
        return f"on the core the packets go to {address} itself"

    return look


def fetches(attempt: "Attempt", node: str, address: str, port: int = 80, within: str = "1") -> bool:
    """True if a node gets the container's page."""
    url = f"http://[{address}]:{port}/"
    return _PAGE in attempt.run(node, ["curl", "-sS", "--max-time", within, url]).output


def serves(node: str, address: str) -> "Check":
    """A node gets the container's page."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        if not fetches(attempt, node, address, within="3"):
            raise CheckFailed(Expected(node, f"the page of {address}"), "none comes")
        return f"{node} gets the page of {address}"

    return look
