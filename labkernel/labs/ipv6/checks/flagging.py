"""Checks of the flags and lifetimes of a prefix."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._advertised import Advertisement, Prefix, names_of, solicited
from labkernel.labs._tables import addresses, link_locals, require_daemon, require_interface
from labkernel.labs.ipv6.topology import ON_LAN

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def announced(attempt: "Attempt") -> tuple[Advertisement, Prefix]:
    """The advertisement that the client gets, and what it says of the prefix.

    :raises CheckFailed: there is none.
    """
    expected = Expected("router", f"advertisements of {ON_LAN}")
    hint = "`radvd --configtest` says what it does not like in /etc/radvd.conf."
    require_interface(attempt, "client", "eth0", expected)
    require_daemon(attempt, "router", "radvd", expected, hint)
    found = solicited(attempt, "client", "eth0")
    prefix = found and found.prefix(ipaddress.IPv6Network(ON_LAN))
    if not found or not prefix:
        seen = f"they have {names_of(found)}" if found else "none came"
        hint = "Which interface and which prefix stand in /etc/radvd.conf? AdvSendAdvert on."
        raise CheckFailed(expected, seen, hint)
    return found, prefix


def flagged(*, on_link: bool) -> "Check":
    """The prefix is advertised with or without the L flag, and with the A flag."""
    word = "Yes" if on_link else "No"

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("router", f"{ON_LAN} with the A flag, and L: {word}")
        _, prefix = announced(attempt)
        if not prefix.autonomous:
            seen = "it is announced without the A flag"
            raise CheckFailed(expected, seen, "The two are independent: AdvAutonomous on.")
        if prefix.on_link != on_link:
            seen = f"L is {'set' if prefix.on_link else 'not set'}"
            raise CheckFailed(expected, seen, _in_the_file(attempt))
        return f"{ON_LAN} is announced with the A flag, and L: {word}"

    return eventually(look, within=2)


def _in_the_file(attempt: "Attempt") -> str:
    """A hint from radvd.conf, where L is not as it must be."""
    text = attempt.run("router", "grep -v '^ *#' /etc/radvd.conf").output
    if "AdvOnLink" not in text:
        return "/etc/radvd.conf has no AdvOnLink, and on is what radvd takes then."
    return "AdvOnLink in /etc/radvd.conf; and radvd must read it: HUP."


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


#: seconds: less, and addresses are deprecated before the next advertisement (MaxRtrAdvInterval 60)
_LASTING = 120


def deprecated(wanted: bool) -> "Check":
    """The addresses that the client has made of the prefix are deprecated, or are not."""
    word = "deprecated" if wanted else "preferred"

    @looks_at(on("client", Kind.ADDRESS), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("client", f"its address of {ON_LAN} to be {word}")
        _, prefix = announced(attempt)
        hint = "AdvPreferredLifetime; and radvd must read it: HUP."
        if (prefix.preferred == 0) != wanted:
            raise CheckFailed(expected, f"the preferred lifetime is {prefix.preferred}", hint)
        if not wanted and min(prefix.preferred, prefix.valid) < _LASTING:
            seen = f"its lifetimes are {prefix.preferred} s and {prefix.valid} s"
            raise CheckFailed(expected, seen, "They end before the next advertisement comes.")
        found = [e for e in addresses(attempt, "client", "eth0") if e.by_advertisement]
        found = [each for each in found if each.ip in prefix.net and not each.temporary]
        if not found or any(each.deprecated != wanted for each in found):
            raise CheckFailed(expected, "it is not yet" if found else "it has none")
        return f"{', '.join(str(each.ip) for each in found)} of client is {word}"

    return eventually(look, within=3, on="client")
