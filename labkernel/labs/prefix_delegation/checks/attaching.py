"""Checks of a /64 for one machine."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labkernel.labs._attached import routed
from labkernel.labs._tables import route_to, routes

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def led_within(prefix: str, address: str, hop: str) -> "Check":
    """The CPE leads a /64 of its prefix to the PC, which takes it for its own."""
    hint = partial(_at_the_cpe, prefix=prefix, hop=hop)
    return routed(prefix, address, start="internet", by="cpe", end="pc", hint=hint)


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
