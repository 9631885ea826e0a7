"""Stateful DHCPv6: the M flag, and what a host needs besides the kernel."""

from labkernel import capture
from labkernel.checks import eventually
from labkernel.labs._commands import STOP_DHCP6C
from labkernel.labs.ipv6.checks.advertising import configured
from labkernel.labs.ipv6.checks.managing import leased, managed, released
from labkernel.labs.ipv6.commands import ADVERTISE
from labkernel.labs.ipv6.commands.managing import (
    BY_THEMSELVES,
    LEASE,
    MANAGE,
    MANAGED,
    START,
    START_AND_WAIT,
)
from labkernel.labs.ipv6.commands.stateless import START_STATELESS, STOP_KEA
from labkernel.labs.ipv6.topology import DHCP, ON_LAN, lab

manage = lab.step(
    "manage",
    "Set the M flag, clear the A flag",
    on="router",
    run=MANAGE,
    check=eventually(managed, within=3),
    undo=f"{BY_THEMSELVES}\n{STOP_KEA}\n{START_STATELESS}",
)

lease = lab.task(
    "lease",
    "Get the client's address by DHCPv6",
    on="client",
    about="Give up the addresses that the client made itself, and have it get one by DHCPv6.",
    solution=LEASE,
    check=eventually(leased, within=6, on="client"),
    undo=STOP_DHCP6C,
    observe=[capture("lan", only=DHCP)],
    hint=[
        "The router has told everybody to ask, and nobody does. Who asks, on a Linux host?",
        "dhcp6c, with `send ia-na 0;` (an address, not a prefix) and an `id-assoc na 0 { };`.",
        f"`ip -6 address flush dev eth0 scope global`, then `{START}`.",
    ],
)

release = lab.step(
    "release",
    "Release the lease",
    on="client",
    run=STOP_DHCP6C,
    check=eventually(released, within=3, on="client"),
    undo=START_AND_WAIT,
    observe=[capture("lan", only=DHCP)],
)

unmanage = lab.task(
    "unmanage",
    "Return to stateless address autoconfiguration",
    on="router",
    about=f"The client has no address any more. Have the router announce {ON_LAN} as before.",
    solution=ADVERTISE,
    check=configured("client", "eth0", ON_LAN),
    undo=MANAGED,
    hint=[
        "Which flag of the prefix says that nodes may make themselves an address of it?",
        "A: AdvAutonomous on. M may go: AdvManagedFlag. Then radvd must read it.",
        "Edit /etc/radvd.conf, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)
