"""Checks of the rogue router and its filters."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._probes import advertise_as_stranger, advertisements, stranger
from labkernel.labs._tables import (
    gateways,
    link_locals,
    require_interface,
    runs,
    setting,
)
from labkernel.labs.ipv6.checks import pings, reset
from labkernel.labs.ipv6.topology import INTERNET, ROUTER

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected("client", "it to follow the router's advertisements and no others")
_HIJACKED = Expected("client", f"its way to {INTERNET} to be by laptop")


@looks_at(on("client", Kind.ROUTE))
def hijacked(attempt: "Attempt") -> str:
    """The client's packets for the Internet go to the laptop, where radvd runs."""
    way = attempt.run("client", ["ip", "-6", "route", "get", INTERNET]).output
    if not runs(attempt, "laptop", "radvd"):
        seen = "no radvd runs there"
        raise CheckFailed(_HIJACKED, seen, "It says why not.", permanent=True)
    if not any(f"via {each} " in way for each in link_locals(attempt, "laptop", "eth0")):
        raise CheckFailed(_HIJACKED, "it isn't", "Do its advertisements arrive, and win?")
    return f"client sends what is for {INTERNET} to laptop"


def _heard(attempt: "Attempt", node: str = "client", interface: str = "eth0") -> set[str]:
    """The link-local addresses of all routers that answer a node."""
    printed = attempt.run(node, ["rdisc6", "-r", "2", "-w", "1200", interface]).output
    return set(re.findall(r"^ *from (fe80\S+)$", printed, re.MULTILINE))


@looks_at(on("client", Kind.FILTER, Kind.ROUTE), sends=True)
def guarded(attempt: "Attempt") -> str:
    """The client drops the laptop's advertisements and another stranger's, takes the router's, and
    routes by it alone."""
    require_interface(attempt, "client", "eth0", _EXPECTED)
    if not runs(attempt, "laptop", "radvd"):
        seen = "laptop announces no more"
        hint = "You can't fix a stranger's machine: guard the client."
        raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
    if setting(attempt, "client", "eth0.accept_ra") == "0":
        hint = "The router's advertisements are lost as well, then: set it to 1 again."
        raise CheckFailed(_EXPECTED, "accept_ra is 0 on eth0", hint, permanent=True)
    heard = _heard(attempt)
    if heard & set(link_locals(attempt, "laptop", "eth0")):
        hint = "Drop what is of type nd-router-advert and not from the router, by nft."
        raise CheckFailed(_EXPECTED, "it still hears laptop", hint)
    if not heard & set(link_locals(attempt, "router", "eth1")):
        seen = "it does not hear the router either"
        raise CheckFailed(
            _EXPECTED, seen, "`ip6 saddr != ROUTER`: the router's link-local address."
        )
    seen = _patient(attempt)
    if taken := _taken_from_a_stranger(attempt):
        hint = "Drop all but the router's, not the laptop's alone: `ip6 saddr != ROUTER`."
        raise CheckFailed(_EXPECTED, f"it takes one from {taken}, another stranger's", hint)
    return seen


def _taken_from_a_stranger(attempt: "Attempt") -> str:
    """The address of a stranger whose advertisement the client has taken; empty if it took none."""
    beyond = next(iter(link_locals(attempt, "client", "eth0")), "")
    source, before = stranger(), advertisements(attempt, "client")
    # the second, with a lifetime of 0, takes back what the first has given
    advertise_as_stranger(attempt, "laptop", "eth0", source, beyond, 60, 0)
    return source if advertisements(attempt, "client") > before else ""


@looks_at(on("switch", Kind.FILTER), sends=True)
def filtered(attempt: "Attempt") -> str:
    """The switch drops advertisements that come in by the laptop's port, from whatever address, and
    nothing else."""
    expected = Expected("switch", "it to let the laptop through, and none of its advertisements")
    if not runs(attempt, "laptop", "radvd"):
        seen = "laptop announces no more"
        hint = "You can't fix a stranger's machine: filter its port."
        raise CheckFailed(expected, seen, hint, permanent=True)
    if not pings(attempt, ROUTER, node="laptop"):
        seen = f"laptop does not reach {ROUTER}"
        raise CheckFailed(expected, seen, "Only `icmpv6 type nd-router-advert` is to be dropped.")
    if _heard(attempt, "router", "eth1") & set(link_locals(attempt, "laptop", "eth0")):
        raise CheckFailed(expected, "router hears them", _unfiltered(attempt))
    if not _heard(attempt, "laptop") & set(link_locals(attempt, "router", "eth1")):
        seen = "laptop does not hear the router any more"
        raise CheckFailed(expected, seen, "Only what comes in by eth1, its port: `iifname eth1`.")
    source, before = stranger(), advertisements(attempt, "router")
    beyond = next(iter(link_locals(attempt, "router", "eth1")), "")
    advertise_as_stranger(attempt, "laptop", "eth0", source, beyond, 0)
    if advertisements(attempt, "router") > before:
        seen = f"one from {source}, which came in by the same port, gets through"
        raise CheckFailed(expected, seen, "It is the port that counts: `iifname eth1`.")
    if not reset(attempt, "laptop", ROUTER):
        seen = f"a TCP segment of laptop gets no answer from {ROUTER}"
        raise CheckFailed(expected, seen, "Only `icmpv6 type nd-router-advert` is to be dropped.")
    return "nobody hears the laptop's advertisements, and the laptop hears the router's"


def _unfiltered(attempt: "Attempt") -> str:
    """The reason why the switch forwards advertisements."""
    rules = attempt.run("switch", ["nft", "list", "ruleset"]).output
    if "table" not in rules:
        return "The switch has no rules yet: `nft list ruleset`."
    if not re.search(r"table (bridge|netdev)", rules):
        return "A bridge forwards frames, not packets: no family but `bridge` sees them."
    if not re.search(r"hook (forward|prerouting|ingress)", rules):
        return "Frames from port to port pass the hook forward; input is for the switch itself."
    if re.search(r'iifname "?eth0\b', rules):
        return "eth0 is the port of the router and the client; the laptop's is eth1."
    return "What does it drop? `icmpv6 type nd-router-advert`."


def _follows(attempt: "Attempt") -> str:
    found = set(gateways(attempt, "client"))
    if strangers := found - set(link_locals(attempt, "router", "eth1")):
        seen = f"it still has a default route via {min(strangers)}"
        raise CheckFailed(
            _EXPECTED, seen, "What it has learned already stays: `ip -6 route del …`."
        )
    if not found:
        raise CheckFailed(_EXPECTED, "it has no default route", "`rdisc6 -1 eth0`.")
    return "client hears the router alone, and sends by it"


_patient = eventually(_follows, within=2, on="client")
