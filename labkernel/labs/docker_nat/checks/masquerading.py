"""Checks of NAT of the source."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._attached import random_address
from labkernel.labs._docker import address_of, as_another, seen_as
from labkernel.labs._probes import arrived
from labkernel.labs._tables import gateways
from labkernel.labs.docker_nat.checks import has_own_tables, nat_rules
from labkernel.labs.docker_nat.topology import SERVER

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


_CHANGES = re.compile("MASQUERADE|SNAT|NETMAP")


def arrives_in_vain(source: str, destination: str) -> "Check":
    """Requests of a container reach the server, and no reply reaches the container."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = Expected(
            "internet", f"echo requests from {source}, and no reply to the container"
        )
        seen = [each for each in attempt.packets if each.kind == "Echo request"]
        asked = [each for each in seen if each.source == source]
        if not asked:
            others = ", ".join(sorted({each.source for each in seen}))
            raise CheckFailed(expected, f"they come from {others or 'nobody'}")
        if not attempt.exit_code:
            raise CheckFailed(expected, "a reply came", "Is there a rule for it already?")
        return f"requests from {source} reach {destination}; no reply reaches the container"

    return look


def speaks_for(node: str, address: str) -> "Check":
    """The server answers the containers by ICMPv6, UDP and TCP, and sees an address of their node:
    of the container web, and of one whose address is chosen at random."""

    @looks_at(on(node, Kind.FILTER, Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("internet", f"it to see the container web as {address}")
        seen = seen_as(attempt, node, "web", SERVER)
        if not seen and (mistake := _mistake(attempt, node)):
            raise CheckFailed(expected, *mistake)
        seen = seen or seen_as(attempt, node, "web", SERVER, within=5)
        if not seen:
            hint = "Watch it with tcpdump at docker0, at eth0 and at the server."
            raise CheckFailed(expected, "no answer comes", hint)
        if seen != address:
            raise CheckFailed(expected, f"it sees {seen}", _elsewhere(attempt, node, seen))
        _require_others(attempt, node, address)
        return f"the server sees the container web as {seen}, an address of {node}"

    return look


def _require_others(attempt: "Attempt", node: str, address: str) -> None:
    """Raise CheckFailed unless it holds of any container, and of every protocol."""
    own = address_of(attempt, node, "web")
    net = ipaddress.IPv6Network(f"{own or '::'}/64", strict=False)
    other = str(random_address(net))
    expected = Expected("internet", f"it to see a container {other} as {address}")
    before = arrived(attempt, "internet")["UDP"]
    lines = as_another(attempt, node, "web", other, SERVER)
    sees = [line.removeprefix("You are ") for line in lines if line.startswith("You are ")]
    hint = "All of the prefix is the containers': which addresses and protocols is the rule for?"
    if not sees:
        raise CheckFailed(expected, "no answer comes by TCP", hint)
    if sees[0] != address:
        raise CheckFailed(expected, f"it sees {sees[0]}", hint)
    if "ICMPv6" not in lines:
        raise CheckFailed(expected, "no echo reply comes", hint)
    if arrived(attempt, "internet")["UDP"] == before:
        raise CheckFailed(expected, "no datagram of UDP comes", hint)


def _elsewhere(attempt: "Attempt", node: str, seen: str) -> str:
    """Whose the address is that the server sees, and what to look at."""
    if seen == address_of(attempt, node, "web"):
        return f"That is the container's own: it leaves {node} as it is, and a route leads back."
    own = attempt.run(node, ["ip", "-6", "-o", "address", "show", "to", seen]).output.split()
    if len(own) > 1:
        return f"That is {own[1]}: by which interface does the default route go?"
    for other in attempt.topology.nodes:
        words = ["ip", "-6", "-o", "address", "show", "to", seen]
        if other.name != node and attempt.run(other.name, words).output.strip():
            return f"That is an address of {other.name}."
    return f"That is no address of {node}."


def _mistake(attempt: "Attempt", node: str) -> tuple[str, str] | None:
    """The reason why no answer can come, and a hint; ``None`` if one still may."""
    own = address_of(attempt, node, "web")
    if not own:
        return "web does not run", "Start it: `docker start web`."
    if not gateways(attempt, node):
        return (
            f"{node} has no default route",
            "The router's address on the link is the next hop.",
        )
    rules = [rule for rule in nat_rules(attempt, "POSTROUTING") if _CHANGES.search(rule)]
    if not rules and not has_own_tables(attempt, node):
        return (
            "no answer comes: no rule of POSTROUTING changes the source",
            "See `ip6tables -t nat -S`: it is a table of its own, beside that of IPv4.",
        )
    return next(filter(None, (_wrong_rule(rule, own) for rule in rules)), _filtered(attempt, node))


def _filtered(attempt: "Attempt", node: str) -> tuple[str, str] | None:
    policy = attempt.run(node, ["ip6tables", "-S", "FORWARD"]).output
    if "-P FORWARD DROP" in policy:
        return (
            "the chain FORWARD drops it",
            f"See `ip6tables -S FORWARD` on {node}; `ip6tables -P FORWARD ACCEPT` lets it pass.",
        )
    return None


def _wrong_rule(rule: str, own: str) -> tuple[str, str] | None:
    """The usual mistakes of a rule that changes the source."""
    if re.search(r"(?<!! )-o docker0", rule):
        return (
            "the rule is for what goes out by docker0",
            "What leaves goes out by eth0: `! -o docker0` says everywhere but there.",
        )
    net = re.search(r"(! )?-s (\S+)", rule)
    if net and (ipaddress.ip_address(own) in ipaddress.ip_network(net[2])) == bool(net[1]):
        return f"the rule is for {net[1] or ''}{net[2]}", f"The container has {own}."
    to = re.search(r"--to(?:-source)? (\S+)", rule)
    if to:
        return f"it leaves as {to[1]}", "Replies come to that address: is it one of laptop's?"
    return None
