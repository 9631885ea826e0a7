"""Checks of Router Advertisements and what a host makes of them."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._advertised import names_of, solicited
from labkernel.labs._tables import (
    Address,
    addresses,
    elsewhere,
    gateways,
    require_daemon,
    require_interface,
    setting,
)

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def answered(count: int) -> "Check":
    """The step printed so many different link-local addresses."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = set(re.findall(r"^fe80:\S+", attempt.output, re.MULTILINE))
        if len(found) < count:
            raise CheckFailed(f"answers from {count} link-local addresses", f"{len(found)} came")
        return f"{len(found)} link-local addresses answered"

    return look


def configured(node: str, interface: str, prefix: str) -> "Check":
    """An advertisement has given a node an address of a prefix and a default route."""
    net = ipaddress.IPv6Network(prefix)
    expected = Expected(node, f"an address of {net} and a default route by advertisement")

    @looks_at(on(node, Kind.ADDRESS, Kind.ROUTE), sends=True)
    def look(attempt: "Attempt") -> str:
        announced(attempt)
        return patient(attempt)

    def advertisement(attempt: "Attempt") -> str:
        require_interface(attempt, node, interface, expected)
        _require_radvd(attempt, expected)
        _require_advertisement(attempt, expected, node, interface, net)
        return "the advertisement is right"

    def address_and_route(attempt: "Attempt") -> str:
        found = [each for each in addresses(attempt, node, interface) if each.ip in net]
        usable = [each for each in found if not each.tentative and not each.dadfailed]
        made = [each for each in usable if each.by_advertisement]
        if not made:
            seen, hint, permanent = _no_address(attempt, node, interface, found)
            raise CheckFailed(expected, seen, hint, permanent=permanent)
        by_ra = gateways(attempt, node, "ra")
        if not by_ra:
            hint, permanent = _ignored(attempt, node, interface)
            raise CheckFailed(expected, "it has no default route", hint, permanent=permanent)
        return f"{node} has an address of {net}, and a default route via {by_ra[0]}"

    # an answer may still be one of before: radvd reads its file some time after the signal
    announced = eventually(advertisement, within=2)
    patient = eventually(address_and_route, within=8, on=node)
    return look


def _require_radvd(attempt: "Attempt", expected: Expected) -> None:
    """An advertising daemon runs on the router."""
    hint = "Start it there: `radvd --pidfile /run/radvd.pid`."
    if setting(attempt, "router", "all.forwarding") == "0":
        hint = "It refuses to start where net.ipv6.conf.all.forwarding is 0."
    require_daemon(attempt, "router", "radvd", expected, hint)


def _require_advertisement(
    attempt: "Attempt", expected: Expected, node: str, interface: str, net: ipaddress.IPv6Network
) -> None:
    """The router's answer to a solicitation has what an address and a route are made from."""
    found = solicited(attempt, node, interface)
    if not found:
        raise CheckFailed(
            expected,
            f"no router answers on {interface}",
            "Which interface stands in radvd.conf, and does it say `AdvSendAdvert on;`?",
        )
    prefix = found.prefix(net)
    if not prefix:
        seen = f"the advertisement has {names_of(found)}"
        raise CheckFailed(expected, seen, "Compare the prefix in /etc/radvd.conf.")
    if not prefix.autonomous:
        seen = f"{net} is announced without the A flag"
        raise CheckFailed(expected, seen, "Nobody makes an address of it then: AdvAutonomous on.")
    if found.lifetime == 0:
        raise CheckFailed(
            expected,
            "the advertisement has a router lifetime of 0",
            "0 means: I am no default router. See AdvDefaultLifetime in /etc/radvd.conf.",
        )


def _no_address(
    attempt: "Attempt", node: str, interface: str, found: list[Address]
) -> tuple[str, str, bool]:
    """The reason for a missing address: what is seen, a hint, and whether it is permanent."""
    if any(each.dadfailed for each in found):
        return "the address is dadfailed", "Somebody on the link has it already.", True
    if any(each.tentative for each in found):
        return "the address is tentative", "Duplicate Address Detection takes a second.", False
    if found:
        seen = f"{found[0].interface} was not made of an advertisement"
        return seen, f"Delete it: `ip -6 address del {found[0].interface} dev {interface}`.", False
    return "it has none", *_ignored(attempt, node, interface)


def _ignored(attempt: "Attempt", node: str, interface: str) -> tuple[str, bool]:
    """The setting by which a node ignores advertisements, and whether it is permanent."""
    accept = setting(attempt, node, f"{interface}.accept_ra")
    if accept == "0":
        more = elsewhere(attempt, node, interface)
        return f"accept_ra is 0 on {interface}{more}: it does not listen to advertisements.", True
    if accept == "1" and setting(attempt, node, f"{interface}.forwarding") == "1":
        seen = f"forwarding is 1 and accept_ra is 1 on {interface}"
        return f"{seen}: a router listens only with 2.", True
    return "Look at `ip -6 address` and `ip -6 route` on it.", False
