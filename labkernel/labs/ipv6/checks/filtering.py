"""Checks of path MTU and firewalls."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._probes import let_in
from labkernel.labs.ipv6.checks import (
    client_address,
    delivered,
    pings,
    received,
    reset,
    solicited,
    undiscovered,
)
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected("client", "the internet to be reached, and not to be let in")


@looks_at()
def packet_too_big(attempt: "Attempt") -> str:
    """The recording has a Packet Too Big, and replies to smaller fragments came."""
    kinds = [packet.kind for packet in attempt.packets]
    if "Packet Too Big" not in kinds:
        raise CheckFailed(
            "a Packet Too Big on the LAN",
            f"{len(kinds)} other packets were recorded" if kinds else "none was recorded",
            "A sender that knows the path's MTU asks no more: `ip -6 route flush cache`.",
        )
    if not received(attempt.output):
        raise CheckFailed("replies to the smaller fragments", "none came")
    return "the router said Packet Too Big, and the client sent fragments"


@looks_at(on("router", Kind.FILTER), sends=True)
def walled(attempt: "Attempt") -> str:
    """The client gets no reply from the internet node."""
    if pings(attempt, INTERNET):
        raise CheckFailed(Expected("client", f"no reply from {INTERNET}"), "some came")
    return f"client gets no reply from {INTERNET} any more"


@looks_at(on("router", Kind.FILTER), sends=True)
def firewalled(attempt: "Attempt") -> str:
    """The LAN reaches the Internet by ICMPv6, TCP and UDP, with packets of any size, and finds its
    router; no port of the client is open to the Internet, of TCP or UDP."""
    announced = solicited(attempt)
    if not pings(attempt, INTERNET):
        raise CheckFailed(_EXPECTED, *_why_silent(attempt, announced))
    if not announced:
        raise CheckFailed(_EXPECTED, *_NO_ROUTER)
    if not pings(attempt, INTERNET, node="laptop"):
        raise CheckFailed(_EXPECTED, "laptop gets no reply", "The LAN is all that is behind eth1.")
    if not pings(attempt, INTERNET, size=1400):
        raise CheckFailed(
            _EXPECTED,
            "packets of 1,448 octets vanish without a word",
            "The router must be able to say packet-too-big (RFC 4890, section 4.3.1).",
        )
    _require_way_out(attempt)
    if entered := _entered(attempt):
        raise CheckFailed(
            _EXPECTED,
            entered,
            "In the chain forward: `policy drop`, and what is established or comes from eth1.",
        )
    return "small and big packets go out and come back, and nobody comes in"


def _require_way_out(attempt: "Attempt") -> None:
    """Raise CheckFailed unless TCP and UDP go out, to ports that are chosen at random."""
    hint = "What comes from eth1 may go out by eth0: `iifname eth1 oifname eth0 accept`."
    if not reset(attempt, "client", INTERNET):
        seen = f"a TCP segment of client gets no answer from {INTERNET}"
        raise CheckFailed(_EXPECTED, seen, hint)
    if not delivered(attempt, "client", INTERNET, "internet"):
        raise CheckFailed(_EXPECTED, "a UDP datagram of client does not get to internet", hint)


def _entered(attempt: "Attempt") -> str:
    """The first thing from outside that arrives at the client, as a clause; empty if nothing."""
    client = client_address(attempt)
    if client is None:
        raise CheckFailed(_EXPECTED, f"client has no address of {ON_LAN}", "`rdisc6 -1 eth0`.")
    found = let_in(attempt, "internet", str(client), "client")
    return found and f"a connection from the internet node reaches the client: {found}"


_NO_ROUTER = (
    "no router answers a solicitation",
    "nd-router-solicit must come in, and nd-router-advert go out.",
)


def _why_silent(attempt: "Attempt", announced: bool) -> tuple[str, str]:
    if silent := undiscovered(attempt):
        hint = "Neighbor Discovery is ICMPv6: nd-neighbor-solicit and -advert, in and out."
        return f"{silent}", hint
    if not announced:
        return _NO_ROUTER
    return (
        "no reply comes, though all neighbours are found",
        "Replies come in by eth0: `ct state established,related accept` in the chain forward.",
    )
