"""Commands and files for link aggregation."""

from labkernel.labs.bonding.topology import GIVEN, OTHER

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
