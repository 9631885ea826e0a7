"""Commands and files for the bond's MAC address."""

from labkernel.labs.bonding.topology import SERVER_ID

CLONED = f"""\
echo {SERVER_ID} > /etc/machine-id
ip link add bond0 type bond
udevadm settle
cat /sys/class/net/bond0/address"""

TEN_BOOTS = """\
for boot in 1 2 3 4 5 6 7 8 9 10; do
  ip -force -batch - 2>/dev/null <<END
link del bond0
link add bond0 type bond mode active-backup miimon 100
$(for n in 0 1 2 3; do
    echo link set eth$(((boot + n) % 4)) down
    echo link set eth$(((boot + n) % 4)) master bond0
  done)
END
  echo "boot $boot: eth$((boot % 4)) came first, bond0 is $(cat /sys/class/net/bond0/address)"
done"""
