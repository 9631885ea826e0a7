"""Files of networkd and netplan that give the bond its address."""

from labkernel import capture
from labkernel.checks import eventually
from labkernel.labs.bonding.checks.declaring import has_declared_address, has_planned_address
from labkernel.labs.bonding.commands import bond
from labkernel.labs.bonding.commands.declaring import DECLARE, PLAN, UNDECLARE, UNPLAN
from labkernel.labs.bonding.topology import GIVEN, lab

declared = lab.step(
    "declared",
    "Set the MAC address with systemd-networkd",
    on="server",
    run=DECLARE,
    check=eventually(has_declared_address, within=2),
    undo=f"{UNDECLARE}\n{bond('2 3 0 1', f'address {GIVEN}')}",
    observe=[capture("client:eth0", only="udp port 547")],
    about="A .netdev file makes the bond, with MACAddress= before it has members. bond0 also asks "
    "for a lease by DHCPv6, with a DUID of the kind that is made from a MAC address.",
)

planned = lab.step(
    "planned",
    "Set the MAC address with netplan",
    on="server",
    run=PLAN,
    check=has_planned_address,
    undo=f"{UNPLAN}\n{bond('2 3 0 1', f'address {GIVEN}')}",
    timeout=180,
    about="netplan, which Ubuntu's servers have, makes networkd's files from one of YAML: "
    "`macaddress:` becomes MACAddress=. The bond asks for a lease by DHCP.",
)
