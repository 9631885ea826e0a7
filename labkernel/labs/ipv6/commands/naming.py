"""Commands and files for names and resolvers."""

from labkernel.labs._commands import stop
from labkernel.labs.ipv6.topology import INTERNET, NAME, ON_LAN, ROUTER

STOP_UNBOUND, STOP_RDNSSD = stop("/run/unbound.pid"), stop("/run/rdnssd.pid")

RESOLVER = f"""\
cat > /etc/unbound/lab.conf <<END
server:
  interface: {ROUTER}
  access-control: {ON_LAN} allow
  chroot: ""
  username: ""
  pidfile: /run/unbound.pid
  use-syslog: no
  local-zone: "lab.example." static
  local-data: "{NAME}. AAAA {INTERNET}"
END
{STOP_UNBOUND}
unbound -c /etc/unbound/lab.conf
dig +short AAAA {NAME} @{ROUTER}"""

RDNSS = f"""\
{STOP_RDNSSD}
rdnssd -u root -r /etc/resolv.conf -H /bin/true -p /run/rdnssd.pid
rdisc6 -1 -q eth0"""
