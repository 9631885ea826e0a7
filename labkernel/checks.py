"""Checks: plain functions of the lab that say what they saw, or raise CheckFailed.

Each function here makes a check; a lab may write its own, in the same form::

    def answers(lab: Lab) -> str:
        result = lab.run("client", "curl -s http://[2001:db8::80]/")
        if "it works" not in result.output:
            raise CheckFailed("client: expected the page", f"got {result.output!r}")
        return "the page came"
"""

import json
import re
import time
from typing import TYPE_CHECKING, Any

from labkernel.errors import CheckFailed, first_line, last_line

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.steps import Check


def eventually(check: "Check", within: float = 5.0) -> "Check":
    """Repeat a check until it passes.

    :param within: seconds after which its last failure is final.
    """

    def retried(lab: "Lab") -> str:
        deadline = time.monotonic() + within
        pause = 0.01
        while True:
            try:
                return check(lab)
            except CheckFailed as failure:
                if time.monotonic() + pause > deadline:
                    expected = f"{failure.expected} within {within:g} s"
                    raise CheckFailed(expected, failure.seen, failure.hint) from None
            time.sleep(pause)
            pause = min(pause * 2, 0.25)

    return retried


def both(*checks: "Check") -> "Check":
    """Every one of several checks, in order."""

    def all_of(lab: "Lab") -> str:
        return "; ".join(check(lab) for check in checks)

    return all_of


def fails(check: "Check", what: str) -> "Check":
    """The opposite of a check, for what must not work (yet).

    :param what: what must not be, as a clause ("a reply to the client").
    """

    def opposite(lab: "Lab") -> str:
        try:
            seen = check(lab)
        except CheckFailed as failure:
            return f"as expected not {what}: {failure.seen}"
        raise CheckFailed(f"expected not to see {what}", f"but {seen}")

    return opposite


def shows(node: str, command: str, pattern: str, what: str = "", hint: str = "") -> "Check":
    """A command on a node prints what matches a regular expression (multi-line).

    :param what: what a match means, as a noun phrase; the pattern itself when empty.
    """

    def look(lab: "Lab") -> str:
        result = lab.run(node, command)
        match = re.search(pattern, result.output, re.MULTILINE)
        expected = f"{node}: expected {what or repr(pattern)} in `{first_line(command)}`"
        if not match:
            raise CheckFailed(expected, _printed(result.output), hint)
        return f"{node} shows {what + ': ' if what else ''}{first_line(match.group())}"

    return look


def printed(pattern: str, what: str = "", hint: str = "") -> "Check":
    """What the step itself printed matches a regular expression (multi-line)."""

    def look(lab: "Lab") -> str:
        outcome = lab.outcome()
        expected = f"expected {what or repr(pattern)} in what the step prints"
        if outcome is None:
            raise CheckFailed(expected, "but it has not run", "Run the step.")
        match = re.search(pattern, outcome.output, re.MULTILINE)
        if not match:
            raise CheckFailed(expected, _printed(outcome.output), hint)
        return f"it printed {what + ': ' if what else ''}{first_line(match.group())}"

    return look


def _printed(output: str) -> str:
    return f"it printed “{last_line(output)}”" if output.strip() else "it printed nothing"


def pings(node: str, address: str, hint: str = "") -> "Check":
    """A node gets an echo reply from an address."""

    def ping(lab: "Lab") -> str:
        result = lab.run(node, ["ping", "-n", "-c", "1", "-W", "1", address])
        if result.ok:
            return f"{node} got an echo reply from {address}"
        expected = f"{node}: expected an echo reply from {address}"
        raise CheckFailed(expected, *why_unreachable(lab, node, address, result.output, hint))

    return ping


def why_unreachable(
    lab: "Lab", node: str, address: str, output: str = "", hint: str = ""
) -> tuple[str, str]:
    """What the node's own tables say of an address that does not answer.

    :returns: what is seen (a clause), and what to try (a sentence).
    """
    found = lab.run(node, ["ip", "-j", "route", "get", address])
    if not found.ok:
        return (
            f"got none: {node} has no route to {address} ({last_line(found.output)})",
            hint or f"Look at `ip route` and `ip -6 route` on {node}: which entry covers it?",
        )
    route = json.loads(found.output)[0]
    return _by_neighbour(lab, node, address, route, hint)


def _by_neighbour(
    lab: "Lab", node: str, address: str, route: dict[str, Any], hint: str
) -> tuple[str, str]:
    """Tell a next hop that does not answer from a path that is broken further on."""
    hop = route.get("gateway", address)
    device = route.get("dev", "lo")
    listed = lab.run(node, ["ip", "-j", "neigh", "show", "to", hop, "dev", device])
    entries = json.loads(listed.output or "[]") if listed.ok else []
    states = [state for entry in entries for state in entry.get("state", ())]
    if {"FAILED", "INCOMPLETE"} & set(states):
        return (
            f"got none: nobody on {device} answers for {hop} (neighbour {states[0]})",
            hint or f"Who has {hop}? Is its node's interface up, and on the same link?",
        )
    via = f" via {route['gateway']}" if "gateway" in route else ""
    return (
        f"got none, though {node} sends to it by {device}{via}",
        hint or "The request leaves: follow it with tcpdump. Does the reply find its way back?",
    )


def route(node: str, spec: str, hint: str = "") -> "Check":
    """A node's routing tables have an entry that begins with `spec`.

    :param spec: as ``ip route show table all`` prints it, e.g. ``local 2001:db8:100::/64 dev lo``.
    """
    words = spec.split()
    net = words[1] if words[0] in ("local", "unicast", "blackhole", "unreachable") else words[0]
    family = "-6" if ":" in spec else "-4"

    def look(lab: "Lab") -> str:
        listing = lab.run(node, ["ip", family, "route", "show", "table", "all"]).output
        for line in listing.splitlines():
            if line.split()[: len(words)] == words:
                return f"{node} has the route {line.strip()}"
        near = [line.strip() for line in listing.splitlines() if net in line.split()]
        seen = f"but for {net} it has “{near[0]}”" if near else f"but it has none for {net}"
        raise CheckFailed(f"{node}: expected the route `{spec}`", seen, hint)

    return look


def address(node: str, spec: str, hint: str = "") -> "Check":
    """A node has an address, usable (neither tentative nor a duplicate).

    :param spec: the address, with or without its prefix length.
    """

    def look(lab: "Lab") -> str:
        listing = json.loads(lab.run(node, ["ip", "-j", "address"]).output or "[]")
        entries = {(info["local"], info["prefixlen"]): (link["ifname"], info)
                   for link in listing for info in link.get("addr_info", ())}
        expected = f"{node}: expected the address {spec}"
        for (ip, length), (device, info) in entries.items():
            if spec in (ip, f"{ip}/{length}"):
                return _usable(expected, node, spec, device, info)
        have = ", ".join(f"{ip}/{length}" for ip, length in entries if ip not in ("::1", "127.0.0.1"))
        raise CheckFailed(expected, f"but it has {have or 'none'}", hint)

    return look


def _usable(expected: str, node: str, spec: str, device: str, info: dict[str, Any]) -> str:
    if info.get("dadfailed"):
        raise CheckFailed(expected, "but another node has it: duplicate address detection failed")
    if info.get("tentative"):
        raise CheckFailed(expected, "but it is still tentative", "Duplicate detection takes 1–2 s.")
    return f"{node} has {spec} on {device}"


def listens(node: str, port: int, hint: str = "") -> "Check":
    """A process on the node listens on a TCP port."""

    def look(lab: "Lab") -> str:
        listing = lab.run(node, ["ss", "-Hltn", f"sport = :{port}"]).output
        if not listing.strip():
            raise CheckFailed(
                f"{node}: expected a process that listens on TCP port {port}", "there is none", hint
            )
        return f"{node} listens on {listing.split()[3]}"

    return look
