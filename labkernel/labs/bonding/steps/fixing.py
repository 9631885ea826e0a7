"""The remedies of 2016: waiting for the cards, and a given address."""

from labkernel.labs.bonding.checks.fixing import (
    has_the_given_address,
    waiting_helps_while_it_is_long_enough,
)
from labkernel.labs.bonding.commands import bond
from labkernel.labs.bonding.commands.fixing import WAIT
from labkernel.labs.bonding.topology import GIVEN, lab

waited = lab.step(
    "waited",
    "Wait for the network cards",
    on="server",
    run=WAIT,
    check=waiting_helps_while_it_is_long_enough,
    wrong="echo after sleep 4 bond0 is unknown",
    about="eth1 is there at once, the other cards after two seconds. The members are added in the "
    "order of the file, as ifupdown does: all that are there after the sleep.",
)

fixed = lab.task(
    "fixed",
    "Set the bond's MAC address",
    on="server",
    solution=bond("2 3 0 1", f"address {GIVEN}"),
    check=has_the_given_address,
    undo=bond("2 3 0 1"),
    about=f"What the original does by hwaddress in /etc/network/interfaces. Make bond0 so that it "
    f"has {GIVEN}, whoever comes first of its four members.",
    hint=[
        "The bond took an address of its first member because nobody had given it one.",
        "`ip link add` takes an address before the type: `ip link add bond0 address … type bond`.",
        "The members are added as in the first step: down first, then `master bond0`.",
    ],
)
