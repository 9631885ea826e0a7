"""Checks of the flags and lifetimes of a prefix."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._tables import addresses, link_locals, runs, solicit
from labkernel.labs.ipv6.topology import ON_LAN

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def announced(attempt: "Attempt") -> str:
    """The output of rdisc6 on the client, for an advertisement with the prefix.

    :raises CheckFailed: there is none.
    """
    expected = Expected("router", f"advertisements of {ON_LAN}")
    if not runs(attempt, "router", "radvd"):
        hint = "`radvd --configtest` says what it does not like in /etc/radvd.conf."
        raise CheckFailed(expected, "no radvd runs there", hint, permanent=True)
    told = solicit(attempt, "client", "eth0").output
    if ON_LAN not in told:
        hint = "Which interface and which prefix stand in /etc/radvd.conf? AdvSendAdvert on."
        raise CheckFailed(expected, "none came", hint)
    return told


def flagged(on_link: str) -> "Check":
    """The prefix is announced with or without the L flag (``Yes``, ``No``), and with the A flag."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("router", f"{ON_LAN} with the A flag, and L: {on_link}")
        told = announced(attempt)
        if not re.search(r"Autonomous address conf\.: *Yes", told):
            seen = "it is announced without the A flag"
            raise CheckFailed(expected, seen, "The two are independent: AdvAutonomous on.")
        if not re.search(rf"On-link *: *{on_link}", told):
            seen = f"L is {'set' if on_link == 'No' else 'not set'}"
            raise CheckFailed(expected, seen, "AdvOnLink; and radvd must read it: HUP.")
        return f"{ON_LAN} is announced with the A flag, and L: {on_link}"

    return eventually(look, within=2)


@looks_at()
def routers_only(attempt: "Attempt") -> str:
    """The router, and no other node, answered."""
    found = set(re.findall(r"^(fe80:[^\s%]+)", attempt.output, re.MULTILINE))
    if found != set(link_locals(attempt, "router", "eth1")):
        expected = Expected("client", "an answer from the router alone")
        raise CheckFailed(expected, f"{', '.join(sorted(found)) or 'nobody'} answered")
    return "the router answered, and nobody else"


@looks_at()
def redirect_recorded(attempt: "Attempt") -> str:
    """The recording has a Redirect of the router."""
    if "Redirect" not in {packet.kind for packet in attempt.packets}:
        raise CheckFailed(
            "a Redirect of the router",
            "none was recorded",
            "It says so only to who sends by it: is there a route for the prefix on the client?",
        )
    return "the client sent by the router, which told it to speak to its neighbour directly"


def deprecated(wanted: bool) -> "Check":
    """The addresses that the client has made of the prefix are deprecated, or are not."""
    word = "deprecated" if wanted else "preferred"

    @looks_at(on("client", Kind.ADDRESS), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("client", f"its address of {ON_LAN} to be {word}")
        lifetime = re.search(r"Pref\. time *: +(\d+)", announced(attempt))
        if (lifetime is not None and lifetime[1] == "0") != wanted:
            seen = f"the preferred lifetime is {lifetime[1] if lifetime else 'infinite'}"
            raise CheckFailed(expected, seen, "AdvPreferredLifetime; and radvd must read it: HUP.")
        found = [e for e in addresses(attempt, "client", "eth0") if e.dynamic and not e.temporary]
        if not found or any(each.deprecated != wanted for each in found):
            raise CheckFailed(expected, "it is not yet")
        return f"{', '.join(str(each.ip) for each in found)} of client is {word}"

    return eventually(look, within=3, on="client")
