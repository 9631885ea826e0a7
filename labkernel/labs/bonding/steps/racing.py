"""The race: a bond takes the MAC address of the member that comes first."""

from labkernel.checks import eventually
from labkernel.labs.bonding.checks.racing import answers_as, bond_has_the_address_of, four_addresses
from labkernel.labs.bonding.commands import bond
from labkernel.labs.bonding.commands.racing import TEN_BOOTS
from labkernel.labs.bonding.topology import lab
from labkernel.labs.bonding.views.racing import boots_table

four = lab.step(
    "four",
    "Bond four links",
    on="server",
    run=bond("0 1 2 3"),
    check=bond_has_the_address_of("eth0"),
    undo="ip link del bond0",
    about="One interface, bond0, over four links. It takes its MAC address from one of them.",
)

boots = lab.step(
    "boots",
    "Simulate ten boots",
    on="server",
    run=TEN_BOOTS,
    check=four_addresses,
    wrong="for boot in 1 2; do\n"
    'echo "boot $boot: eth0 came first, bond0 is $(cat /sys/class/net/eth0/address)"\ndone',
    view=boots_table,
    timeout=300,
    about="A boot makes the bond afresh; each time another member comes first.",
)

moved = lab.step(
    "moved",
    "Reboot with another first member",
    on="server",
    run=bond("1 2 3 0"),
    check=eventually(answers_as("eth1"), within=10),
    undo=bond("0 1 2 3"),
    about="The client's router advertises 2001:db8:b::/64, and the server makes its address from "
    "the bond's MAC address (EUI-64). The check asks from the client for both addresses.",
)
