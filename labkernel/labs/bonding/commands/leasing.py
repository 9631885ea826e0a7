"""Commands and files for leases."""

from labkernel.labs.bonding.topology import LEASES

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
