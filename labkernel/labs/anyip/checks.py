"""The checks that only this lab has, and what its trainees usually get wrong."""

import ipaddress
import json
import random
import re
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed
from labkernel.checks import follow, listens, reaches
from labkernel.labs.anyip.rates import read_rates

if TYPE_CHECKING:
    from labkernel import Lab
    from labkernel.steps import Check

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_ADDRESS = r"[0-9a-f:.]*[0-9a-f]"


def attached(node: str, prefix: str) -> "Check":
    """The node takes every address of the prefix for its own: its first, its last, and others."""
    net = ipaddress.ip_network(prefix)
    samples = [net[1], net[net.num_addresses // 3], net[-2]]
    family = f"-{net.version}"

    def look(lab: "Lab") -> str:
        own = [ip for ip in samples if _kind(lab, node, str(ip)) == "local"]
        if len(own) == len(samples):
            return f"{node} takes every address of {prefix} for its own"
        expected = f"{node}: expected every address of {prefix} to be its own"
        if own:
            raise CheckFailed(
                expected,
                f"but only {own[0]} is",
                "An address is one address, whatever prefix length stands behind it. The whole "
                f"prefix needs a route: `ip {family} route add local {prefix} dev lo`.",
            )
        raise CheckFailed(expected, *_not_attached(lab, node, net, family))

    return look


def _kind(lab: "Lab", node: str, address: str) -> str:
    found = lab.run(node, ["ip", "-j", "route", "get", address])
    return str(json.loads(found.output)[0].get("type", "unicast")) if found.ok else ""


def _routes(lab: "Lab", node: str, family: str, table: str = "all") -> list[dict[str, Any]]:
    words = ["ip", "-j", "-d", family, "route", "show", "table", table]
    found: list[dict[str, Any]] = json.loads(lab.run(node, words).output or "[]")
    return found


def _not_attached(lab: "Lab", node: str, net: "Network", family: str) -> tuple[str, str]:
    """What was done in place of it, and what to try."""
    entries = _routes(lab, node, family)
    for entry in entries:
        if entry["dst"] == str(net) and entry.get("type") != "local":
            kind, device = entry.get("type", "unicast"), entry.get("dev", "lo")
            return (
                f"but {node}'s route to it is of type {kind}, by {device}",
                (
                    f"Delete it (`ip {family} route del {net}`) and say `local`: "
                    "the type decides that packets are taken and not sent on."
                ),
            )
    for other in lab.topology.nodes:
        if other.name != node and _kind(lab, other.name, str(net[1])) == "local":
            return (
                f"but it is {other.name} that takes them",
                f"Delete the route there and add it on {node}.",
            )
    if typos := [text for entry in entries if (text := _made_local(entry, net))]:
        return f"but the prefix that it takes is {typos[0]}", "Compare the two, digit by digit."
    return "but none is", "Which type of route makes a kernel take packets for its own?"


def _made_local(entry: dict[str, Any], net: "Network") -> str:
    """The prefix of a route of type local that was added by hand."""
    text = str(entry["dst"])
    is_prefix = "/" in text and entry.get("type") == "local" and not text.startswith("127.")
    near = is_prefix and not net.overlaps(ipaddress.ip_network(text))
    return text if near and text.split("/")[1] == str(net.prefixlen) else ""


def led(prefix: str, address: str) -> "Check":
    """The client reaches an address of the prefix, the router leads to it, the server has it."""
    reached = reaches("client", address, at="server")

    def look(lab: "Lab") -> str:
        try:
            return reached(lab)
        except CheckFailed as failure:
            hint = _wrong_turn(lab, prefix, address)
            raise CheckFailed(failure.expected, failure.seen, hint or failure.hint) from None

    return look


def _wrong_turn(lab: "Lab", prefix: str, address: str) -> str:
    """The usual mistakes with the router's route; empty if it is none of them."""
    if _kind(lab, "server", address) != "local":
        return f"The server does not take {prefix} for its own any more: see the step before."
    if _kind(lab, "router", address) == "local":
        return "Now it is the router that takes the packets. Delete that, and give it a route."
    entries = [entry for entry in _routes(lab, "router", "-6", "main") if "/" in entry["dst"]]
    for entry in entries:
        if entry["dst"] == prefix:
            return _wrong_hop(entry)
    for other in ("client", "server"):
        if any(e["dst"] == prefix and "gateway" in e for e in _routes(lab, other, "-6", "main")):
            return f"You gave the route to the {other}. It is the router that has to know."
    links = ("2001:db8:1::/64", "2001:db8:2::/64", "fe80::/64")
    if typos := [entry["dst"] for entry in entries if entry["dst"] not in links]:
        return f"The router has a route to {typos[0]}: compare it with {prefix}, digit by digit."
    return ""


def _wrong_hop(entry: dict[str, Any]) -> str:
    gateway = entry.get("gateway")
    if gateway is None:
        return (
            f"The router's route has no `via`: it takes the prefix to be on its {entry['dev']}, "
            "and looks for each address among its neighbours. Name the server as the next hop."
        )
    if gateway != "2001:db8:2::2":
        return f"The next hop {gateway} is not the server, which is 2001:db8:2::2 on that link."
    return ""


def alive(count: int, prefix: str) -> "Check":
    """The step saw as many addresses of the prefix alive as it should have."""
    return _distinct(rf"^({_ADDRESS}) is alive$", count, prefix, "alive")


def asked(count: int, prefix: str) -> "Check":
    """The web server told as many addresses of the prefix as it should have."""
    return _distinct(rf"^you asked ({_ADDRESS})$", count, prefix, "told by the web server")


def _distinct(pattern: str, count: int, prefix: str, what: str) -> "Check":
    net = ipaddress.ip_network(prefix)

    def look(lab: "Lab") -> str:
        outcome = lab.outcome()
        output = outcome.output if outcome else ""
        found = {ipaddress.ip_address(text) for text in re.findall(pattern, output, re.MULTILINE)}
        inside = [ip for ip in found if ip in net]
        if len(inside) < count:
            raise CheckFailed(
                f"expected {count} different addresses of {prefix}, {what}",
                f"but there are {len(inside)}",
            )
        return f"{len(inside)} different addresses of {prefix} are {what}"

    return look


def unanswered(address: str) -> "Check":
    """The capture has Neighbor Solicitations for an address, and no Advertisement."""

    def look(lab: "Lab") -> str:
        outcome = lab.outcome()
        output = outcome.output if outcome else ""
        about = re.escape(address)
        solicited = len(re.findall(rf"neighbor solicitation, who has {about},", output))
        advertised = len(re.findall(rf"neighbor advertisement, tgt is {about},", output))
        expected = f"expected Neighbor Solicitations for {address}, and no Advertisement"
        if not solicited or advertised:
            seen = f"but there are {solicited} and {advertised}"
            raise CheckFailed(expected, seen, "Has somebody become a proxy for it already?")
        return f"{solicited} Neighbor Solicitations for {address} left, and no Advertisement came"

    return look


def proxied(node: str, device: str, address: str) -> "Check":
    """The node's kernel is a proxy for an address (and has not got the address itself)."""

    def look(lab: "Lab") -> str:
        expected = f"{node}: expected it to be a proxy for {address} on {device}"
        if _is_own(lab, node, address):
            raise CheckFailed(
                expected,
                "but it has the address itself",
                "That works, too, with an address at a time; be a proxy for it: "
                f"`ip -6 address del {address}/… dev …`, then `ip -6 neigh help`.",
            )
        listing = lab.run(node, ["ip", "-6", "neigh", "show", "proxy"]).output.splitlines()
        if [address, "dev", device] not in [line.split()[:3] for line in listing]:
            raise CheckFailed(expected, *_not_proxied(lab, node, device, address, listing))
        _require_switches(lab, node, device, expected)
        return f"{node} is a proxy for {address} on {device}"

    return look


def _not_proxied(
    lab: "Lab", node: str, device: str, address: str, listing: list[str]
) -> tuple[str, str]:
    if listing:
        return f"but it is one for {listing[0].strip()}", f"Say {address} dev {device}."
    for other in lab.topology.nodes:
        there = lab.run(other.name, ["ip", "-6", "neigh", "show", "proxy"]).output
        if address in there.split():
            return f"but {other.name} is", f"It is {node} that has to answer."
    return "but it is a proxy for nothing", "`ip -6 neigh add proxy …` adds an entry."


def _require_switches(lab: "Lab", node: str, device: str, expected: str) -> None:
    if not _is_on(lab, node, f"{device}.proxy_ndp") and not _is_on(lab, node, "all.proxy_ndp"):
        raise CheckFailed(
            expected,
            f"and there is the entry, but proxy_ndp is off on {device}",
            f"`sysctl -w net.ipv6.conf.{device}.proxy_ndp=1`.",
        )
    if not _is_on(lab, node, f"{device}.forwarding"):
        raise CheckFailed(
            expected,
            f"and there is the entry, but {node} does not forward, and a host is no proxy",
            "`sysctl -w net.ipv6.conf.all.forwarding=1`.",
        )


def _is_on(lab: "Lab", node: str, name: str) -> bool:
    return lab.run(node, ["sysctl", "-n", f"net.ipv6.conf.{name}"]).output.strip() == "1"


def _is_own(lab: "Lab", node: str, address: str) -> bool:
    listing = lab.run(node, ["ip", "-6", "-o", "address", "show", "to", address]).output
    return bool(listing.strip())


def answers_for(asker: str, node: str, prefix: str) -> "Check":
    """The node runs ndppd, and random addresses of the prefix answer, new ones each time."""
    net = ipaddress.ip_network(prefix)

    def look(lab: "Lab") -> str:
        expected = f"{asker}: expected replies from 5 random addresses of {prefix}"
        if not lab.run(node, ["pgrep", "-x", "ndppd"]).ok:
            raise CheckFailed(expected, f"but no ndppd runs on {node}", "Is there a message of it?")
        some = [str(net[random.getrandbits(net.max_prefixlen - net.prefixlen)]) for _ in range(5)]
        seen = lab.run(asker, ["fping", "-a", "-q", *some]).output.split()
        if len(seen) < 5:
            raise CheckFailed(
                expected,
                f"but {len(seen)} came",
                f"Which prefix has the rule in /etc/ndppd.conf on {node}, which interface?",
            )
        return f"{asker} got replies from 5 random addresses of {prefix}"

    return look


def swallows(node: str, asker: str, asking: str, asked_for: str) -> "Check":
    """The node takes the asker's address for its own, so that its replies never leave."""

    def look(lab: "Lab") -> str:
        expected = f"{node}: expected it to take {asking}, the {asker}'s address, for its own"
        if _kind(lab, node, asking) != "local":
            raise CheckFailed(expected, "but it sends what is for it to the link")
        if lab.run(asker, ["ping", "-n", "-c", "1", "-W", "0.5", asked_for]).ok:
            raise CheckFailed(expected, f"and it does, but {asker} still gets its replies")
        return (
            f"{asker} gets no reply from {asked_for} any more: {node} takes {asking} for its own, "
            "and sends its replies to itself"
        )

    return look


def bound(node: str, address: str, port: int, client: str) -> "Check":
    """A process listens on one address that no interface has, and serves the client."""
    listening = listens(node, port, at=address)

    def look(lab: "Lab") -> str:
        expected = f"{node}: expected a server on {address} port {port}"
        if _is_own(lab, node, address):
            raise CheckFailed(
                expected,
                "but now an interface has the address",
                f"That works, and for a million addresses? Delete it (`ip -6 address del {address}"
                "/… dev …`) and let the bind be free.",
            )
        try:
            seen = listening(lab)
        except CheckFailed as failure:
            hint = "On [::] or * it listens on every address; bind it to the one."
            there_is_one = "listens on" in failure.seen
            raise CheckFailed(
                failure.expected, failure.seen, hint if there_is_one else failure.hint
            ) from None
        page = lab.run(
            client, ["curl", "-s", "-g", "--max-time", "5", f"http://[{address}]:{port}/"]
        )
        if not page.ok:
            way = follow(lab, client, address)
            raise CheckFailed(expected, f"{client} gets no page: {way.fault or 'no answer'}")
        return f"{seen}, and {client} got its page"

    return look


_SITE = re.compile(r"^you asked (\S+) by the name (\S+), where (\S+) lives$", re.MULTILINE)


def all_sites(count: int, prefix: str) -> "Check":
    """Every site answered under its name, at its own address of the prefix."""
    net = ipaddress.ip_network(prefix)

    def look(lab: "Lab") -> str:
        answers = _SITE.findall(lab.run("client", "cat /tmp/answers").output)
        right = {(name, ip) for ip, name, site in answers if name == site}
        names = {name for name, _ in right}
        addresses = {ip for _, ip in right if ipaddress.ip_address(ip) in net}
        if min(len(names), len(addresses)) < count:
            raise CheckFailed(
                f"expected {count} sites to answer, each at an address of its own",
                f"but {len(names)} did, at {len(addresses)} addresses",
                "Does the server know them (the step before), and the client their addresses?",
            )
        return f"{len(names)} of {count} sites answered, each at an address of its own"

    return look


def measured(*ways: str) -> "Check":
    """Each way was measured, and every address that it asked has answered."""

    def look(lab: "Lab") -> str:
        outcome = lab.outcome()
        found = read_rates(outcome.output if outcome else "")
        expected = "expected every address to answer, asked in each of the four ways"
        for way in ways:
            if way not in found:
                raise CheckFailed(expected, f"but {way} was not measured")
            answered, count, _ = found[way]
            if answered < count:
                raise CheckFailed(expected, f"but with {way} {answered} of {count} did")
        return f"all {sum(found[way][1] for way in ways):,} addresses answered"

    return look
