"""Checks of the published port."""

import ipaddress
import random
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._docker import address_of
from labkernel.labs.docker_nat.checks import has_own_tables, nat_rules

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_PAGE = "It is a container that answers."


def serves(address: str, port: int) -> "Check":
    """The Internet gets the container's page from an address and a port."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        url = f"http://[{address}]:{port}/"
        got = _page(attempt, address, port, "2")
        if _PAGE not in got:
            said = got.strip() or "no page"
            raise CheckFailed(
                Expected("internet", f"the container's page from {url}"), f"got {said}"
            )
        return f"internet gets the container's page from {url}"

    return look


def published(address: str, port: int, to: str) -> "Check":
    """The Internet gets the container's page by the published port, and by no other."""
    reached = serves(address, port)

    @looks_at(on("laptop", Kind.FILTER), sends=True)
    def look(attempt: "Attempt") -> str:
        try:
            seen = reached(attempt)
        except CheckFailed as failure:
            fault, hint = _unpublished(attempt, port, to)
            raise CheckFailed(failure.expected, fault or failure.seen, hint) from None
        for other in {80, port + 1, random.randrange(1024, 65536)} - {port}:
            if _PAGE in _page(attempt, address, other, "1"):
                expected = Expected("internet", f"the container's page from port {port} alone")
                hint = "One service was to be let in: `--dport` says which port."
                raise CheckFailed(expected, f"port {other} leads there as well", hint)
        return seen

    return look


def _page(attempt: "Attempt", address: str, port: int, within: str) -> str:
    """The page, or curl's error, that the Internet gets."""
    words = ["curl", "-sS", "--max-time", within, f"http://[{address}]:{port}/"]
    return attempt.run("internet", words).output


def _unpublished(attempt: "Attempt", port: int, to: str) -> tuple[str, str]:
    """The fault of the rule, and a hint."""
    if not address_of(attempt, "laptop", "web"):
        return "web does not run", "Start it: `docker start web`."
    rules = nat_rules(attempt, "PREROUTING")
    if not rules:
        if has_own_tables(attempt, "laptop"):
            return "", "`nft list ruleset` has all rules: which chain, port and destination?"
        there = [chain for chain in ("OUTPUT", "INPUT") if nat_rules(attempt, chain)]
        seen = f"the rule is in {there[0]}" if there else "no rule leads there"
        return seen, "What comes in from outside passes the chain PREROUTING of the table nat."
    rule = rules[-1]
    goal = re.search(r"--to-destination (\S+)", rule)
    questions: tuple[tuple[bool, str, str], ...] = (
        (
            f"--dport {port}" not in rule,
            f"the rule is not for port {port}",
            "--dport is the port that the client asks for.",
        ),
        (
            "-i docker0" in rule,
            "the rule is for what comes in by docker0",
            "What comes from the Internet comes in by eth0.",
        ),
        (
            bool(goal) and "[" not in str(goal and goal[1]) and _ip(goal) != to,
            f"it leads to the address {goal and goal[1]}",
            f"Without brackets, all of it is an address: `--to-destination [{to}]:80`.",
        ),
        (
            to not in rule,
            f"the rule does not lead to {to}",
            "See `docker exec web ip -6 address`.",
        ),
        (
            bool(goal) and not str(goal and goal[1]).endswith(f"[{to}]:80"),
            "it leads to a port where nobody listens",
            "The container's web server is at port 80: `--to-destination [ADDRESS]:80`.",
        ),
    )
    return next(((seen, hint) for fails, seen, hint in questions if fails), ("", ""))


def _ip(goal: "re.Match[str] | None") -> str:
    """The address of a destination without brackets, in its usual form."""
    try:
        return str(ipaddress.IPv6Address(goal[1])) if goal else ""
    except ValueError:
        return ""
