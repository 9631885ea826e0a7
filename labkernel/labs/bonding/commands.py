"""What is run on the server and on the switch."""

#: the addresses that the lesson chooses, for the server's bond, the switch's, and by a file
GIVEN, OTHER = "02:b0:4d:00:00:01", "02:b0:4d:00:00:02"
DECLARED, PLANNED = "02:b0:4d:00:00:03", "02:b0:4d:00:00:04"

#: what the client's DHCP server writes down
LEASES = "/run/leases"

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

SERVE = f"""\
dnsmasq --port=0 --interface=eth0 --bind-interfaces --user=root --no-ping --dhcp-authoritative \\
  --dhcp-range=192.0.2.100,192.0.2.199,1h --dhcp-option=option:router \\
  --dhcp-range=2001:db8:b::1000,2001:db8:b::1fff,64,1h --dhcp-leasefile={LEASES}
ss -Hlun 'sport = :67 or sport = :547' | wc -l"""

SERVE_NO_MORE = f"""\
start-stop-daemon --stop --quiet --retry 5 --pidfile /run/dnsmasq.pid
rm -f {LEASES}"""

LEASE_TWICE = """\
for order in '0 1 2 3' '1 2 3 0'; do
  ip link del bond0
  ip link add bond0 type bond mode active-backup miimon 100
  for n in $order; do ip link set eth$n down; ip link set eth$n master bond0; done
  ip link set bond0 up
  until [ "$(cat /sys/class/net/bond0/carrier)" = 1 ]; do sleep 0.1; done
  dhclient -4 -1 -q -pf /run/dhclient.pid bond0
  kill $(cat /run/dhclient.pid)
  echo "bond0 is $(cat /sys/class/net/bond0/address)"
  ip -4 -brief address show bond0
done"""

# the slow cards are in another network namespace for two seconds
WAIT = """\
ip netns add late
for wait in 4 0.5; do
  ip link show bond0 >/dev/null 2>&1 && ip link del bond0
  ip link add bond0 type bond mode active-backup miimon 100
  for n in 0 2 3; do ip link set eth$n netns late; done
  (sleep 2; for n in 0 2 3; do ip -n late link set eth$n netns 1; done) &
  sleep $wait
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
until ip -6 address show bond0 | grep -o '2001:db8:b::1.../128'; do sleep 0.2; done
cat /sys/class/net/bond0/address"""

UNDECLARE = """\
rm -f /run/systemd/network/10-bond0*
systemctl reload systemd-networkd"""

# networkd lets go of the bond first: told of both at once, it may take the new one for the old
PLAN = f"""\
rm -f /run/systemd/network/10-bond0*
ip link del bond0
systemctl reload systemd-networkd
cat > /etc/netplan/10-bond0.yaml <<END
network:
  version: 2
  renderer: networkd
  ethernets:
    members: {{match: {{name: 'eth[0-3]'}}}}
  bonds:
    bond0:
      interfaces: [members]
      macaddress: {PLANNED}
      parameters: {{mode: active-backup, mii-monitor-interval: 100}}
      dhcp4: true
      dhcp-identifier: mac
END
chmod 600 /etc/netplan/10-bond0.yaml
netplan generate
cat /run/systemd/network/10-netplan-bond0.netdev
systemctl reload systemd-networkd
until ip -4 address show bond0 2>&1 | grep -o '192.0.2.1..'; do sleep 0.2; done
cat /sys/class/net/bond0/address"""

UNPLAN = """\
rm -f /etc/netplan/10-bond0.yaml /run/systemd/network/10-netplan-*
systemctl reload systemd-networkd"""

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

PULL = """\
active() { cat /sys/class/net/bond0/bonding/active_slave; }
received() { grep -c ttl= /tmp/ping; }
until ping -n -q -c 1 -w 30 2001:db8:b::1 > /dev/null 2>&1; do sleep 0.2; done
ping -n -i 0.02 -c 200 2001:db8:b::1 > /tmp/ping &
until (($(received) >= 50)) || ! kill -0 $! 2> /dev/null; do sleep 0.1; done
member=$(active)
echo pull $member
wait
echo "$member is $(cat /sys/class/net/$member/operstate), bond0 uses $(active)"
echo plug $member
grep received /tmp/ping"""

PULL_THREE = """\
ports() { cat /sys/class/net/bond0/bonding/ad_num_ports; }
received() { grep -c ttl= /tmp/ping; }
until [ $(ports) = 4 ]; do sleep 0.2; done
until ping -n -q -c 1 -w 30 2001:db8:b::1 > /dev/null 2>&1; do sleep 0.2; done
ping -n -i 0.02 -c 400 2001:db8:b::1 > /tmp/ping &
for n in 0 1 2; do
  more=$(($(received) + 50))
  until (($(received) >= more)) || ! kill -0 $! 2> /dev/null; do sleep 0.1; done
  echo pull eth$n
done
wait
echo "bond0 has $(ports) port"
for n in 0 1 2; do echo plug eth$n; done
until again=$(ports); [ $again = 4 ]; do sleep 0.2; done
echo "bond0 has $again ports"
grep received /tmp/ping"""

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
