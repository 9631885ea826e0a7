"""The M flag: addresses by DHCPv6, and what a host must bring along for it."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected, capture
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._commands import STOP_DHCP6C
from labkernel.labs._tables import addresses, gateways, runs
from labkernel.labs.ipv6.checks import configured
from labkernel.labs.ipv6.commands import ADVERTISE, edit_radvd
from labkernel.labs.ipv6.flagging import announced
from labkernel.labs.ipv6.stateless import START_STATELESS, STOP_KEA, start_kea
from labkernel.labs.ipv6.topology import ON_LAN, lab

if TYPE_CHECKING:
    from labkernel import Attempt

FIRST, LAST = "2001:db8::1000", "2001:db8::1fff"
_DHCP = "udp port 546 or udp port 547"
_EXPECTED = Expected("client", f"an address from {FIRST} to {LAST} by DHCPv6, and no other")

_MANAGED = edit_radvd(
    "s/AdvOtherConfigFlag on;/& AdvManagedFlag on;/; s/AdvAutonomous on/AdvAutonomous off/"
)
_BY_THEMSELVES = edit_radvd("s/ AdvManagedFlag on;//g; s/AdvAutonomous off/AdvAutonomous on/")
_START_KEA = start_kea("/etc/kea/stateful.json")
_START = "dhcp6c -c /etc/wide-dhcpv6/lease.conf -p /run/dhcp6c.pid eth0"
#: who asks returns before there is an answer, and only a lease can be given back
_START_AND_WAIT = f"""\
{_START}
until ip -6 address show dev eth0 to {FIRST}/116 | grep -q inet6; do sleep 0.05; done"""


@looks_at(sends=True)
def _managed(attempt: "Attempt") -> str:
    expected = Expected("router", f"M set and A not set for {ON_LAN}")
    told = announced(attempt)
    if not re.search(r"Stateful address conf\. *: *Yes", told):
        raise CheckFailed(expected, "M is not set", "AdvManagedFlag on; radvd must read it.")
    if not re.search(r"Autonomous address conf\.: *No", told):
        raise CheckFailed(expected, "A is set", "AdvAutonomous off; radvd must read it.")
    if not runs(attempt, "router", "kea-dhcp6"):
        raise CheckFailed(expected, "no kea-dhcp6 runs on router", "See its log.", permanent=True)
    return f"the router says that addresses of {ON_LAN} come by DHCPv6, and from nowhere else"


@looks_at(on("client", Kind.ADDRESS, Kind.ROUTE))
def _leased(attempt: "Attempt") -> str:
    found = [each.ip for each in addresses(attempt, "client", "eth0")]
    leased = [ip for ip in found if _in_pool(ip)]
    if not leased:
        hint, permanent = _unleased(attempt)
        raise CheckFailed(_EXPECTED, "it has none", hint, permanent=permanent)
    if others := [ip for ip in found if ip not in leased]:
        seen = f"it still has {others[0]}"
        hint = "What it made itself stays until it expires: flush it."
        raise CheckFailed(_EXPECTED, seen, hint, permanent=True)
    if not gateways(attempt, "client", "ra"):
        hint = "DHCPv6 has no option for a router: that is in the advertisement. `rdisc6 -1 eth0`."
        raise CheckFailed(_EXPECTED, "it has no default route", hint)
    return "the client's only address is a lease of Kea's; its default route is by advertisement"


def _in_pool(ip: ipaddress.IPv6Address) -> bool:
    return ipaddress.IPv6Address(FIRST) <= ip <= ipaddress.IPv6Address(LAST)


def _unleased(attempt: "Attempt") -> tuple[str, bool]:
    """Why the client has no lease, and whether it will get none."""
    if not runs(attempt, "client", "dhcp6c"):
        hint = "M is only a message: the kernel does nothing about it. A program must ask: dhcp6c."
        return hint, True
    conf = attempt.run("client", "cat /etc/wide-dhcpv6/*.conf").output
    if "ia-na" not in conf:
        return "dhcp6c runs and does not ask for an address: `send ia-na 0;`.", True
    if not re.search(r"id-assoc na", conf):
        return "It sends ia-na 0, and `id-assoc na 0 { };` is missing from its file.", True
    return "`dhcp6c -f -D … eth0` stays in the foreground and tells what it does.", False


@looks_at(on("client", Kind.ADDRESS))
def _released(attempt: "Attempt") -> str:
    expected = Expected("client", "it to give its lease back")
    if "Release" not in {packet.kind for packet in attempt.packets}:
        raise CheckFailed(expected, "no Release was recorded", "Does dhcp6c run?")
    if any(_in_pool(each.ip) for each in addresses(attempt, "client", "eth0")):
        raise CheckFailed(expected, "it keeps the address")
    return "the client said Release, and has no address of the pool any more"


manage = lab.step(
    "manage",
    "Have addresses come by DHCPv6",
    on="router",
    run=f"""\
{_MANAGED}
cat > /etc/kea/stateful.json <<END
{{ "Dhcp6": {{
    "interfaces-config": {{ "interfaces": [ "eth1" ] }},
    "lease-database": {{ "type": "memfile", "persist": false }},
    "subnet6": [ {{ "id": 1, "subnet": "{ON_LAN}", "interface": "eth1",
                   "pools": [ {{ "pool": "{FIRST}-{LAST}" }} ] }} ] }} }}
END
{STOP_KEA}
{_START_KEA}""",
    check=eventually(_managed, within=3),
    undo=f"{_BY_THEMSELVES}\n{STOP_KEA}\n{START_STATELESS}",
)

lease = lab.task(
    "lease",
    "Live on a lease",
    on="client",
    about="Give up the addresses that the client made itself, and have it get one by DHCPv6.",
    solution=f"""\
{STOP_DHCP6C}
ip -6 address flush dev eth0 scope global
echo 'interface eth0 {{ send ia-na 0; }}; id-assoc na 0 {{ }};' > /etc/wide-dhcpv6/lease.conf
{_START}""",
    check=eventually(_leased, within=6, on="client"),
    undo=STOP_DHCP6C,
    observe=[capture("lan", only=_DHCP)],
    hint=[
        "The router has told everybody to ask, and nobody does. Who asks, on a Linux host?",
        "dhcp6c, with `send ia-na 0;` (an address, not a prefix) and an `id-assoc na 0 { };`.",
        f"`ip -6 address flush dev eth0 scope global`, then `{_START}`.",
    ],
)

release = lab.step(
    "release",
    "Give the lease back",
    on="client",
    run=STOP_DHCP6C,
    check=eventually(_released, within=3, on="client"),
    undo=_START_AND_WAIT,
    observe=[capture("lan", only=_DHCP)],
)

unmanage = lab.task(
    "unmanage",
    "Have nodes make their addresses themselves again",
    on="router",
    about=f"The client has no address any more. Have the router announce {ON_LAN} as before.",
    solution=ADVERTISE,
    check=configured("client", "eth0", ON_LAN),
    undo=_MANAGED,
    hint=[
        "Which flag of the prefix says that nodes may make themselves an address of it?",
        "A: AdvAutonomous on. M may go: AdvManagedFlag. Then radvd must read it.",
        "Edit /etc/radvd.conf, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)
