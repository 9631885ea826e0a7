"""Checks of stateless DHCPv6."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs._probes import offered
from labkernel.labs._tables import require_daemon, require_interface
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
    """The client gets the router's address as DNS server by stateless DHCPv6, and is offered no
    address."""
    hint = "`kea-dhcp6 -t FILE` says what it does not like in a file; see also its output."
    require_interface(attempt, "client", "eth0", _EXPECTED)
    require_daemon(attempt, "router", "kea-dhcp6", _EXPECTED, hint)
    # dhcp6c ends when nobody reads any more what it says, else after its two seconds
    said = attempt.run("client", f"{ASK} | sed /nameserver/q").output
    servers = re.findall(r"nameserver\[\d+\] (\S+)", said)
    if "receive reply" not in said:
        hint = 'On which interface does it listen? "interfaces-config": eth1 is the LAN\'s.'
        raise CheckFailed(_EXPECTED, "nobody answers", hint)
    if not servers:
        hint = '"option-data": dns-servers.'
        raise CheckFailed(_EXPECTED, "the reply has none", hint, permanent=True)
    if ROUTER not in servers:
        seen = f"the reply has another, {servers[0]}"
        raise CheckFailed(_EXPECTED, seen, 'See "option-data".', permanent=True)
    if leased := offered(attempt, "client", "eth0"):
        seen = f"Kea offers addresses as well: {leased[0]}"
        raise CheckFailed(_EXPECTED, seen, "Without leases there are no pools.", permanent=True)
    return f"client gets {ROUTER} as DNS server by DHCPv6, and no address"
