"""As it was: the client of 2016, which asks for a prefix and leaves the rest to a hook."""

from labkernel import capture
from labkernel.checks import both, printed
from labkernel.labs.prefix_delegation import commands
from labkernel.labs.prefix_delegation.topology import DHCP, lab

then = lab.step(
    "then",
    "Ask as in 2016",
    on="cpe",
    run=commands.DHCLIENT,
    check=both(
        printed(r"^ *iaprefix 2001:db8:2000:\S*/60", "the delegated prefix"),
        printed(r"^addresses on lan0: 0$", "that lan0 has no address of it"),
    ),
    wrong="echo addresses on lan0: $(ip -6 -o address show dev lan0 scope global | wc -l)",
    observe=[capture("wan", only=DHCP)],
)
