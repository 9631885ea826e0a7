"""Commands and files for the machine-id and the persistent address."""

from labkernel.labs.bonding.commands import bond
from labkernel.labs.bonding.commands.declaring import UNPLAN
from labkernel.labs.bonding.topology import OLD_POLICY

AS_TODAY = f"""\
{UNPLAN}
rm -f /etc/systemd/network/05-bond.link
udevadm control --reload
ip link del bond0
ip link add bond0 type bond mode active-backup miimon 100
udevadm settle
for n in 3 0 1 2; do ip link set eth$n down; ip link set eth$n master bond0; done
ip link set bond0 up
cat /sys/class/net/bond0/address"""

AS_THEN = f"{OLD_POLICY}\n{bond('3 0 1 2')}"

# udev's workers remember the machine-id that they have read, also over `udevadm control --reload`
BOND_AGAIN = """\
ip link del bond0
systemctl restart systemd-udevd
ip link add bond0 type bond
udevadm settle
cat /sys/class/net/bond0/address"""
