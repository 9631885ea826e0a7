"""Checks of what the server sees of the containers, and of what reaches them."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, like, looks_at, on
from labkernel.labs._docker import address_of, seen_as, subnets
from labkernel.labs._tables import gateways

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkernel import Attempt
    from labkernel.attempt import Check

SERVER = "2001:db8:f::1"
_PAGE = "It is a container that answers."


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


def _rules(attempt: "Attempt", chain: str) -> list[str]:
    found = attempt.run("laptop", ["ip6tables", "-t", "nat", "-S", chain]).output.splitlines()
    return [line for line in found if line.startswith("-A")]


def speaks_for(node: str, address: str) -> "Check":
    """The server answers the container, and sees an address of its node."""

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
        return f"the server sees the container web as {seen}, an address of {node}"

    return look


def _elsewhere(attempt: "Attempt", node: str, seen: str) -> str:
    listed = attempt.run(node, ["ip", "-6", "-o", "address", "show", "to", seen]).output.split()
    where = listed[1] if len(listed) > 1 else "another node"
    return f"That is {where}: by which interface does the default route go?"


def _mistake(attempt: "Attempt", node: str) -> tuple[str, str] | None:
    """Why no answer can come: what is seen, and what to try; ``None`` if one still may."""
    own = address_of(attempt, node, "web")
    if not own:
        return "web does not run", "Start it: `docker start web`."
    if not gateways(attempt, node):
        return (
            f"{node} has no default route",
            "The router's address on the link is the next hop.",
        )
    rules = [rule for rule in _rules(attempt, "POSTROUTING") if re.search("MASQUERADE|SNAT", rule)]
    if not rules:
        return (
            "no answer comes: no rule of POSTROUTING changes the source",
            "See `ip6tables -t nat -S`: it is a table of its own, beside that of IPv4.",
        )
    return next(filter(None, (_wrong_rule(rule, own) for rule in rules)), _filtered(attempt, node))


def _filtered(attempt: "Attempt", node: str) -> tuple[str, str] | None:
    policy = attempt.run(node, ["ip6tables", "-S", "FORWARD"]).output
    if "DROP" in policy:
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
    net = re.search(r"-s (\S+)", rule)
    if net and ipaddress.ip_address(own) not in ipaddress.ip_network(net[1]):
        return f"the rule is for {net[1]}", f"The container has {own}."
    to = re.search(r"--to-source (\S+)", rule)
    if to:
        return f"it leaves as {to[1]}", "Replies come to that address: is it one of laptop's?"
    return None


def serves(address: str, port: int) -> "Check":
    """The Internet gets the container's page from an address and a port."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        url = f"http://[{address}]:{port}/"
        got = attempt.run("internet", ["curl", "-sS", "--max-time", "2", url])
        if _PAGE not in got.output:
            said = got.output.strip() or "no page"
            raise CheckFailed(
                Expected("internet", f"the container's page from {url}"), f"got {said}"
            )
        return f"internet gets the container's page from {url}"

    return look


def published(address: str, port: int, to: str) -> "Check":
    """As `serves`, and says what is wrong with the rule."""
    reached = serves(address, port)

    @looks_at(on("laptop", Kind.FILTER), sends=True)
    def look(attempt: "Attempt") -> str:
        try:
            return reached(attempt)
        except CheckFailed as failure:
            seen, hint = _unpublished(attempt, port, to)
            raise CheckFailed(failure.expected, seen or failure.seen, hint) from None

    return look


def _unpublished(attempt: "Attempt", port: int, to: str) -> tuple[str, str]:
    rules = _rules(attempt, "PREROUTING")
    if not rules:
        there = [chain for chain in ("OUTPUT", "INPUT") if _rules(attempt, chain)]
        seen = f"the rule is in {there[0]}" if there else "no rule leads there"
        return seen, "What comes in from outside passes the chain PREROUTING of the table nat."
    rule = rules[-1]
    questions: tuple[tuple[Callable[[], bool], str, str], ...] = (
        (
            lambda: f"--dport {port}" not in rule,
            f"the rule is not for port {port}",
            "--dport is the port that the client asks for.",
        ),
        (
            lambda: "-i docker0" in rule,
            "the rule is for what comes in by docker0",
            "What comes from the Internet comes in by eth0.",
        ),
        (
            lambda: to not in rule,
            f"the rule does not lead to {to}",
            "See `docker exec web ip -6 address`.",
        ),
        (
            lambda: not rule.endswith(f"[{to}]:80"),
            "it leads to a port where nobody listens",
            "The container's web server is at port 80: `--to-destination [ADDRESS]:80`.",
        ),
    )
    return next(((seen, hint) for question, seen, hint in questions if question()), ("", ""))


def own_prefix(node: str, address: str) -> "Check":
    """The containers' prefix is a ULA with a random Global ID, and the node speaks for it."""
    spoken = speaks_for(node, address)

    @like(spoken)
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, "containers with a ULA of a random Global ID")
        nets = [ipaddress.IPv6Network(text) for text in subnets(attempt, node)]
        if not nets:
            raise CheckFailed(expected, "the engine does not answer", "start-dockerd starts it.")
        if mistake := _not_own(nets[0]):
            raise CheckFailed(expected, *mistake)
        return f"the prefix is {nets[0]}, and {spoken(attempt)}"

    return look


def _not_own(net: ipaddress.IPv6Network) -> tuple[str, str] | None:
    """What is wrong with a prefix; ``None`` if it is a ULA with a Global ID that looks random."""
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


def newer_than(node: str, major: int) -> "Check":
    """The engine is of that version or a later one."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        words = ["docker", "version", "-f", "{{.Server.Version}}"]
        version = attempt.run(node, words).output.strip()
        if not version[:1].isdigit() or int(version.split(".")[0]) < major:
            raise CheckFailed(Expected(node, f"an engine {major} or later"), f"it is {version}")
        return f"{node} has an engine {major} or later"

    return look
