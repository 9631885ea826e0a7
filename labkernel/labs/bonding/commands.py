"""What is run on the server and on the switch."""

#: the addresses that the lesson chooses, for the server's bond, the switch's, and by a file
GIVEN, OTHER, DECLARED = "02:b0:4d:00:00:01", "02:b0:4d:00:00:02", "02:b0:4d:00:00:03"

OLD_POLICY = """\
cat > /etc/systemd/network/05-bond.link <<END
[Match]
OriginalName=bond*
[Link]
MACAddressPolicy=none
END
udevadm control --reload"""


def bond(order: str, more: str = "") -> str:
    """Make bond0 afresh, of members that come in this order."""
    first = f" {more}" if more else ""
    return f"""\
ip link show bond0 >/dev/null 2>&1 && ip link del bond0
ip link add bond0{first} type bond mode active-backup miimon 100
for n in {order}; do ip link set eth$n down; ip link set eth$n master bond0; done
ip link set bond0 up
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

# the slow cards are in another network namespace for a second and a half
WAIT = """\
ip netns add late
for wait in 3 0.5; do
  ip link show bond0 >/dev/null 2>&1 && ip link del bond0
  for n in 0 2 3; do ip link set eth$n netns late; done
  (sleep 1.5; for n in 0 2 3; do ip -n late link set eth$n netns 1; done) &
  sleep $wait
  ip link add bond0 type bond mode active-backup miimon 100
  for n in 0 1 2 3; do ip link set eth$n down && ip link set eth$n master bond0; done 2>/dev/null
  echo "after sleep $wait bond0 is $(cat /sys/class/net/bond0/address)"
  wait
done
ip netns del late"""

DECLARE = f"""\
mkdir -p /run/systemd/network
cat > /run/systemd/network/10-bond0.netdev <<END
[NetDev]
Name=bond0
Kind=bond
MACAddress={DECLARED}
[Bond]
Mode=active-backup
MIIMonitorSec=100ms
END
cat > /run/systemd/network/10-bond0-members.network <<END
[Match]
Name=eth[0-3]
[Network]
Bond=bond0
END
cat > /run/systemd/network/10-bond0.network <<END
[Match]
Name=bond0
[IPv6AcceptRA]
DHCPv6Client=always
[DHCPv6]
DUIDType=link-layer
END
ip link show bond0 >/dev/null 2>&1 && ip link del bond0
systemctl reload systemd-networkd
until [ "$(wc -w < /sys/class/net/bond0/bonding/slaves)" = 4 ]; do sleep 0.2; done 2>/dev/null
tcpdump -n -v -c 1 -i bond0 udp dst port 547 2>/dev/null | grep -o 'client-ID [^)]*'
cat /sys/class/net/bond0/address"""

UNDECLARE = """\
rm -f /run/systemd/network/10-bond0*
systemctl reload systemd-networkd"""

AS_TODAY = f"""\
{UNDECLARE}
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

SWITCH_AGGREGATES = f"""\
ip link show bond0 >/dev/null 2>&1 && ip link del bond0
ip link add bond0 address {OTHER} type bond mode 802.3ad lacp_rate fast miimon 100
for n in 0 1 2 3; do ip link set eth$n down; ip link set eth$n master bond0; done
ip link set bond0 master lan up
cat /sys/class/net/bond0/bonding/mode"""

SWITCH_SWITCHES = """\
ip link del bond0
for n in 0 1 2 3; do ip link set eth$n master lan up; done"""

AGGREGATE = f"""\
ip link del bond0
ip link add bond0 address {GIVEN} type bond mode 802.3ad lacp_rate fast miimon 100
for n in 0 1 2 3; do ip link set eth$n down; ip link set eth$n master bond0; done
ip link set bond0 up
cat /sys/class/net/bond0/bonding/mode"""
