"""Checks of a router that listens to advertisements."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs._tables import elsewhere, forwards, gateways, require_interface, setting

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected("laptop", "it to forward, with a default route by advertisement")


@looks_at(on("laptop", Kind.ROUTE, Kind.SETTING))
def forgot(attempt: "Attempt") -> str:
    """The laptop forwards, and has no default route by advertisement."""
    expected = Expected("laptop", "it to forward, and to have no default route by advertisement")
    if not forwards(attempt, "laptop"):
        raise CheckFailed(expected, "net.ipv6.conf.all.forwarding is 0")
    if found := gateways(attempt, "laptop", "ra"):
        raise CheckFailed(expected, f"it has one via {found[0]}")
    return "laptop forwards, and has no default route by advertisement any more"


@looks_at(on("laptop", Kind.ROUTE, Kind.SETTING))
def listens(attempt: "Attempt") -> str:
    """The laptop forwards, and has a default route by advertisement."""
    require_interface(attempt, "laptop", "eth0", _EXPECTED)
    if not forwards(attempt, "laptop"):
        raise CheckFailed(
            _EXPECTED,
            "it forwards no more",
            "Leave net.ipv6.conf.all.forwarding at 1.",
            permanent=True,
        )
    if found := gateways(attempt, "laptop", "ra"):
        return f"laptop forwards, and has a default route via {found[0]}"
    if gateways(attempt, "laptop"):
        seen = "its default route was made by hand"
        hint = "It would stay when the router goes: delete it."
        raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
    accept, router = (setting(attempt, "laptop", f"eth0.{n}") for n in ("accept_ra", "forwarding"))
    if accept == "2" or (accept == "1" and router == "0"):
        seen = "it has none yet"
        raise CheckFailed(_EXPECTED, seen, "Ask for an advertisement: `rdisc6 -1 eth0`.")
    hint = "0 listens to none, 1 to none while it forwards, 2 to all: a router listens only with 2."
    seen = f"accept_ra is {accept} on eth0{elsewhere(attempt, 'laptop', 'eth0')}"
    raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
