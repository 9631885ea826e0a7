"""A host that becomes a router listens to advertisements no more, unless it is told to."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._tables import gateways, setting
from labkernel.labs.ipv6.topology import lab

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected("laptop", "it to forward, with a default route by advertisement")


@looks_at(on("laptop", Kind.ROUTE, Kind.SETTING))
def _forgot(attempt: "Attempt") -> str:
    expected = Expected("laptop", "it to forward, and to have no default route by advertisement")
    if setting(attempt, "laptop", "all.forwarding") != "1":
        raise CheckFailed(expected, "net.ipv6.conf.all.forwarding is 0")
    if found := gateways(attempt, "laptop", "ra"):
        raise CheckFailed(expected, f"it has one via {found[0]}")
    return "laptop forwards, and has no default route by advertisement any more"


@looks_at(on("laptop", Kind.ROUTE, Kind.SETTING))
def _listens(attempt: "Attempt") -> str:
    if setting(attempt, "laptop", "all.forwarding") != "1":
        raise CheckFailed(
            _EXPECTED,
            "it forwards no more",
            "Leave net.ipv6.conf.all.forwarding at 1.",
            permanent=True,
        )
    if found := gateways(attempt, "laptop", "ra"):
        return f"laptop forwards, and has a default route via {found[0]}"
    if gateways(attempt, "laptop", "boot", "static"):
        seen = "its default route was made by hand"
        hint = "It would stay when the router goes: delete it."
        raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
    accept = setting(attempt, "laptop", "eth0.accept_ra")
    if accept == "2":
        seen = "it has none yet"
        raise CheckFailed(_EXPECTED, seen, "Ask for an advertisement: `rdisc6 -1 eth0`.")
    hint = "0 listens to none, 1 to none while it forwards, 2 to all: a router listens only with 2."
    raise CheckFailed(_EXPECTED, f"accept_ra is {accept} on eth0", hint, permanent=True)


become = lab.step(
    "become",
    "Have the laptop forward for others",
    on="laptop",
    run="sysctl -w net.ipv6.conf.all.forwarding=1\nip -6 route show default",
    check=eventually(_forgot, within=2, on="laptop"),
    undo="sysctl -q -w net.ipv6.conf.all.forwarding=0\nrdisc6 -1 -q eth0",
    about="As a Docker engine does, or a VPN: what it gives to others, it takes from itself.",
)

listen = lab.task(
    "listen",
    "Have the laptop listen again",
    on="laptop",
    about="Let the laptop have its default route from the router's advertisements, and forward all "
    "the same.",
    solution="sysctl -w net.ipv6.conf.eth0.accept_ra=2\nrdisc6 -1 -q eth0",
    check=eventually(_listens, within=2, on="laptop"),
    undo="sysctl -q -w net.ipv6.conf.eth0.accept_ra=1\nip -6 route del default dev eth0",
    hint=[
        "Whether an interface listens is a setting: `sysctl -a | grep accept_ra`.",
        "accept_ra: 1 means as long as I don't forward, 2 means always.",
        "`sysctl -w net.ipv6.conf.eth0.accept_ra=2`; then `rdisc6 -1 eth0` for an advertisement.",
    ],
)
