"""Checks of the published port."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs.docker_nat.checks import nat_rules

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_PAGE = "It is a container that answers."


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
    """The Internet gets the page by the published port; a failure names the rule's fault."""
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
    rules = nat_rules(attempt, "PREROUTING")
    if not rules:
        there = [chain for chain in ("OUTPUT", "INPUT") if nat_rules(attempt, chain)]
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
