"""Renumbering: another prefix in place of the first, and the LAN's old addresses."""

from labkernel import capture
from labkernel.checks import both, eventually
from labkernel.labs._commands import renumber_kea
from labkernel.labs._kea import delegates
from labkernel.labs.prefix_delegation.checks.delegating import delegated
from labkernel.labs.prefix_delegation.checks.hooking import hooked, no_route
from labkernel.labs.prefix_delegation.checks.renumbering import moved
from labkernel.labs.prefix_delegation.commands.delegating import DHCP6C, RADVD_CPE, STOP_CLIENTS
from labkernel.labs.prefix_delegation.commands.renumbering import RADVD_MOVE
from labkernel.labs.prefix_delegation.topology import (
    DELEGATED,
    DHCP,
    LAN,
    NEXT_DELEGATED,
    NEXT_LAN,
    NEXT_PC,
    NEXT_POOL,
    lab,
)

renumber = lab.step(
    "renumber",
    "Delegate another prefix",
    on="isp",
    run=renumber_kea("2001:db8:1000::", "2001:db8:2000::"),
    check=both(
        eventually(delegates(NEXT_POOL, hook=True)),
        no_route("isp", DELEGATED),
    ),
    undo=renumber_kea("2001:db8:2000::", "2001:db8:1000::"),
)

flash = lab.step(
    "flash",
    "Restart the CPE's DHCPv6 client",
    on="cpe",
    run=DHCP6C,
    check=both(
        eventually(delegated(NEXT_DELEGATED, NEXT_LAN), 8, on="cpe"),
        eventually(hooked("isp", NEXT_DELEGATED), on="isp"),
    ),
    undo=STOP_CLIENTS,
    observe=[capture("wan", only=DHCP)],
)

move = lab.task(
    "move",
    "Renumber the PC",
    on="cpe",
    about="The PC still prefers its address of the old prefix, which leads nowhere. Have radvd "
    "announce the new prefix, and take back the old one.",
    solution=RADVD_MOVE,
    check=moved("pc", LAN, NEXT_LAN, NEXT_PC),
    undo=RADVD_CPE,
    observe=[capture("lan", only="icmp6")],
    hint=[
        (
            "What does the PC do with an address whose prefix is no longer mentioned? Nothing: it "
            "waits until its lifetime ends. It has to be told."
        ),
        (
            "An address whose preferred lifetime has ended is deprecated: it still works, but "
            "nothing new begins from it. radvd's AdvPreferredLifetime sets it."
        ),
        (
            "Two prefixes in /etc/radvd.conf: the old one with `AdvPreferredLifetime 0; "
            "AdvValidLifetime 7200;`, and the new one; then restart radvd."
        ),
    ],
)
