"""Prefix delegation as of 2016: dhclient, which leaves the rest to a hook."""

from labkernel import capture
from labkernel.checks import both, printed
from labkernel.labs.prefix_delegation.commands.dhclient import DHCLIENT
from labkernel.labs.prefix_delegation.topology import DHCP, lab

then = lab.step(
    "then",
    "Request a prefix with dhclient, as in 2016",
    on="cpe",
    run=DHCLIENT,
    check=both(
        printed(r"^ *iaprefix 2001:db8:2000:\S*/60", "the delegated prefix"),
        printed(r"^addresses on lan0: 0$", "that lan0 has no address of it"),
    ),
    wrong="echo addresses on lan0: $(ip -6 -o address show dev lan0 scope global | wc -l)",
    observe=[capture("wan", only=DHCP)],
)
