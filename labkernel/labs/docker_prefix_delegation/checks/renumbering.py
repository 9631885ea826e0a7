"""Checks of renumbering."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._docker import address_of
from labkernel.labs._tables import route_to
from labkernel.labs.docker_prefix_delegation.checks.giving import fetches, given

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def no_route(node: str, prefix: str) -> "Check":
    """The node leads the prefix nowhere."""

    @looks_at(on(node, Kind.ROUTE))
    def look(attempt: "Attempt") -> str:
        if route_to(attempt, node, prefix):
            raise CheckFailed(Expected(node, f"no route to {prefix}"), "it has one")
        return f"{node} has no route to {prefix}"

    return look


def follows(whole: str, part: str, address: str) -> "Check":
    """The client has the new prefix, Docker a part of it, and the Internet gets there."""
    has_part = given("host", whole, part)

    @looks_at(on("cpe", Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("internet", f"the page of {address}")
        if not route_to(attempt, "cpe", whole):
            hint = "The host's client holds on to its old lease: restart dhcp6c."
            raise CheckFailed(expected, f"{whole} is not delegated to the host", hint)
        has_part(attempt)
        if address_of(attempt, "host", "web") != address:
            seen = f"web has {address_of(attempt, 'host', 'web') or 'no address: it does not run'}"
            raise CheckFailed(
                expected, seen, "Containers stop with the engine: `docker start web`."
            )
        for _ in range(3):
            if fetches(attempt, "internet", address, within="2"):
                return f"the Internet gets the page of {address}"
        raise CheckFailed(expected, "none comes", "See `ip -6 route` on isp, cpe and host.")

    return look
