"""Checks of the prefix on the link."""

import ipaddress
import random
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._attached import kind_of_route
from labkernel.labs._tables import has_address, is_on

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def unanswered(address: str) -> "Check":
    """The capture has Neighbor Solicitations for an address, and no Advertisement."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        output = attempt.output
        about = re.escape(address)
        solicited = len(re.findall(rf"neighbor solicitation, who has {about},", output))
        advertised = len(re.findall(rf"neighbor advertisement, tgt is {about},", output))
        expected = f"Neighbor Solicitations for {address}, and no Advertisement"
        if not solicited or advertised:
            seen = f"there are {solicited} and {advertised}"
            raise CheckFailed(expected, seen, "Has somebody become a proxy for it already?")
        return f"{solicited} Neighbor Solicitations for {address} left, and no Advertisement came"

    return look


def proxied(node: str, device: str, address: str) -> "Check":
    """The node's kernel is a proxy for an address (and has not got the address itself)."""

    # of the entries of a proxy the kernel reports nothing
    @looks_at(on(node, Kind.ADDRESS, Kind.SETTING))
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"it to be a proxy for {address} on {device}")
        if has_address(attempt, node, address):
            raise CheckFailed(
                expected,
                "it has the address itself",
                "That works, too, with an address at a time; be a proxy for it: "
                f"`ip -6 address del {address}/… dev …`, then `ip -6 neigh help`.",
            )
        listing = attempt.run(node, ["ip", "-6", "neigh", "show", "proxy"]).output.splitlines()
        if [address, "dev", device] not in [line.split()[:3] for line in listing]:
            raise CheckFailed(expected, *_not_proxied(attempt, node, device, address, listing))
        _require_switches(attempt, node, device, expected)
        return f"{node} is a proxy for {address} on {device}"

    return look


def _not_proxied(
    attempt: "Attempt", node: str, device: str, address: str, listing: list[str]
) -> tuple[str, str]:
    if listing:
        return f"it is one for {listing[0].strip()}", f"Say {address} dev {device}."
    for other in attempt.topology.nodes:
        there = attempt.run(other.name, ["ip", "-6", "neigh", "show", "proxy"]).output
        if address in there.split():
            return f"{other.name} is", f"It is {node} that has to answer."
    return "it is a proxy for nothing", "`ip -6 neigh add proxy …` adds an entry."


def _require_switches(attempt: "Attempt", node: str, device: str, expected: Expected) -> None:
    if not is_on(attempt, node, f"{device}.proxy_ndp") and not is_on(
        attempt, node, "all.proxy_ndp"
    ):
        raise CheckFailed(
            expected,
            f"proxy_ndp is off on {device}; the entry is there",
            f"`sysctl -w net.ipv6.conf.{device}.proxy_ndp=1`.",
        )
    if not is_on(attempt, node, f"{device}.forwarding"):
        raise CheckFailed(
            expected,
            f"{node} does not forward, and a host is no proxy; the entry is there",
            "`sysctl -w net.ipv6.conf.all.forwarding=1`.",
        )


def answers_for(asker: str, node: str, prefix: str) -> "Check":
    """The node runs ndppd, and random addresses of the prefix answer, new ones each time."""
    net = ipaddress.ip_network(prefix)

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected(asker, f"replies from 5 random addresses of {prefix}")
        if not attempt.run(node, ["pgrep", "-x", "ndppd"]).ok:
            raise CheckFailed(expected, f"no ndppd runs on {node}", "Is there a message of it?")
        some = [str(net[random.getrandbits(net.max_prefixlen - net.prefixlen)]) for _ in range(5)]
        seen = attempt.run(asker, ["fping", "-a", "-q", *some]).output.split()
        if len(seen) < 5:
            raise CheckFailed(
                expected,
                f"{len(seen)} came",
                f"Which prefix has the rule in /etc/ndppd.conf on {node}, which interface?",
            )
        return f"{asker} got replies from 5 random addresses of {prefix}"

    return look


def swallows(node: str, asker: str, asking: str, asked_for: str) -> "Check":
    """The node takes the asker's address for its own, so that its replies never leave."""

    @looks_at(on(node, Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"it to take {asking}, the {asker}'s address, for its own")
        if kind_of_route(attempt, node, asking) != "local":
            raise CheckFailed(expected, "it sends what is for it to the link")
        if attempt.run(asker, ["ping", "-n", "-c", "1", "-W", "0.5", asked_for]).ok:
            raise CheckFailed(expected, f"{asker} still gets its replies")
        return (
            f"{asker} gets no reply from {asked_for} any more: {node} takes {asking} for its own, "
            "and sends its replies to itself"
        )

    return look
