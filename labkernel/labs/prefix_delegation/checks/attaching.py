"""Checks of a /64 for one machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import Kind, looks_at, on, reaches
from labkernel.labs._attached import require_way
from labkernel.labs._tables import route_to, routes

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def led_within(prefix: str, address: str, hop: str) -> "Check":
    """The CPE leads a /64 of its prefix to the PC, which takes it for its own."""
    reached = reaches("internet", address, at="pc")

    @looks_at(on("cpe", Kind.ROUTE), on("pc", Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        try:
            seen = reached(attempt)
        except CheckFailed as failure:
            hint = _at_the_cpe(attempt, prefix, hop)
            raise CheckFailed(failure.expected, failure.seen, hint or failure.hint) from None
        require_way(attempt, "internet", prefix, "pc")
        return seen

    return look


def _at_the_cpe(attempt: "Attempt", prefix: str, hop: str) -> str:
    """The usual mistakes with the CPE's route; empty if it is none of them."""
    questions: tuple[tuple[Callable[[], bool], str], ...] = (
        (
            lambda: any(e["dst"] == prefix for e in routes(attempt, "cpe", "local")),
            "Now it is the CPE that takes the packets. Delete that, and give it a route.",
        ),
        (
            lambda: route_to(attempt, "isp", prefix) is not None,
            "The ISP leads all of the /60 to the CPE already: the route belongs on the CPE.",
        ),
        (
            lambda: "gateway" not in (route_to(attempt, "cpe", prefix) or {"gateway": ""}),
            (
                "The CPE's route has no `via`: it looks for each address on the LAN, where the PC "
                f"answers only for its own. Name {hop} as the next hop."
            ),
        ),
        (
            lambda: route_to(attempt, "cpe", prefix) is None,
            "The CPE has no route to it and sends it back to the ISP by its default route.",
        ),
    )
    return next((hint for question, hint in questions if question()), "")
