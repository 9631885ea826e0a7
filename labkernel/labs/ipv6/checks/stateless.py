"""Checks of stateless DHCPv6."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs._tables import runs
from labkernel.labs.ipv6.commands.stateless import ASK
from labkernel.labs.ipv6.topology import ROUTER

if TYPE_CHECKING:
    from labkernel import Attempt

_EXPECTED = Expected("client", f"{ROUTER} as DNS server by DHCPv6")


@looks_at()
def unanswered(attempt: "Attempt") -> str:
    """The recording has an Information-request, and no Reply."""
    kinds = [packet.kind for packet in attempt.packets]
    expected = "an Information-request that nobody answers"
    if "Information-request" not in kinds:
        raise CheckFailed(expected, "none was recorded", "dhcp6c asks, on eth0 of the client.")
    if "Reply" in kinds:
        raise CheckFailed(expected, "a Reply came")
    return "the client asked, and nobody answered: the flag promises a server that isn't there"


@looks_at(sends=True)
def answered(attempt: "Attempt") -> str:
    """The client gets the router's address as DNS server by stateless DHCPv6."""
    if not runs(attempt, "router", "kea-dhcp6"):
        hint = "`kea-dhcp6 -t FILE` says what it does not like in a file; see also its output."
        raise CheckFailed(_EXPECTED, "no kea-dhcp6 runs on router", hint, permanent=True)
    # dhcp6c ends when nobody reads any more what it says, else after its two seconds
    said = attempt.run("client", f"{ASK} | sed /nameserver/q").output
    if f"] {ROUTER}" in said:
        return f"client gets {ROUTER} as DNS server by DHCPv6, and no address"
    if "receive reply" not in said:
        hint = 'On which interface does it listen? "interfaces-config": eth1 is the LAN\'s.'
        raise CheckFailed(_EXPECTED, "nobody answers", hint)
    if "nameserver" in said:
        hint = 'See "option-data".'
        raise CheckFailed(_EXPECTED, "the reply has another", hint, permanent=True)
    hint = '"option-data": dns-servers.'
    raise CheckFailed(_EXPECTED, "the reply has none", hint, permanent=True)
