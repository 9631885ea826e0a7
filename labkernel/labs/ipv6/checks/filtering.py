"""Checks of path MTU and firewalls."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs.ipv6.checks import let_in, pings, received, solicited, undiscovered
from labkernel.labs.ipv6.topology import INTERNET

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
    """The LAN reaches the Internet with packets of any size, and nobody connects from there."""
    announced = solicited(attempt)
    if not pings(attempt, INTERNET):
        raise CheckFailed(_EXPECTED, *_why_silent(attempt, announced))
    if not announced:
        raise CheckFailed(_EXPECTED, *_NO_ROUTER)
    if not pings(attempt, INTERNET, size=1400):
        raise CheckFailed(
            _EXPECTED,
            "packets of 1,448 octets vanish without a word",
            "The router must be able to say packet-too-big (RFC 4890, section 4.3.1).",
        )
    if let_in(attempt):
        raise CheckFailed(
            _EXPECTED,
            "a connection from the internet node reaches the client",
            "In the chain forward: `policy drop`, and what is established or comes from eth1.",
        )
    return "small and big packets go out and come back, and nobody comes in"


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
