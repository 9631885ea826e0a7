"""The commands of the steps that write files and start daemons."""

from labkernel.labs._commands import (
    ROUTE_SCRIPT,
    START_KEA,
    STOP_DHCP6C,
    STOP_KEA,
    WRITE_ROUTE_SCRIPT,
    stop,
)

STOP_RADVD = stop("/run/radvd.pid")
_START_RADVD = "radvd --pidfile /run/radvd.pid"

RADVD_ISP = f"""\
cat > /etc/radvd.conf <<END
interface eth1 {{
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  prefix 2001:db8:e::/64 {{ }};
}};
END
{STOP_RADVD}
{_START_RADVD}"""

_OLD_PREFIX = "prefix 2001:db8:1000:5::/64 { };"
_DEPRECATED = "prefix 2001:db8:1000:5::/64 { AdvPreferredLifetime 0; AdvValidLifetime 7200; };"
_NEW_PREFIX = "prefix 2001:db8:2000:5::/64 { };"


def _radvd_on_lan(*prefixes: str) -> str:
    lines = "\n".join(f"  {prefix}" for prefix in prefixes)
    return f"""\
cat > /etc/radvd.conf <<END
interface lan0 {{
  AdvSendAdvert on;
{lines}
}};
END"""


RADVD_CPE = f"{_radvd_on_lan(_OLD_PREFIX)}\n{STOP_RADVD}\n{_START_RADVD}"
RADVD_MOVE = f"{_radvd_on_lan(_DEPRECATED, _NEW_PREFIX)}\n{STOP_RADVD}\n{_START_RADVD}"

KEA = f"""\
cat > /etc/kea/kea-dhcp6.conf <<END
{{ "Dhcp6": {{
  "interfaces-config": {{ "interfaces": [ "eth1" ] }},
  "control-socket": {{ "socket-type": "unix", "socket-name": "/run/kea/control" }},
  "lease-database": {{ "type": "memfile", "persist": false }},
  "subnet6": [ {{
    "id": 1, "subnet": "2001:db8:e::/64", "interface": "eth1",
    "pd-pools": [ {{ "prefix": "2001:db8:1000::", "prefix-len": 48, "delegated-len": 60 }} ]
  }} ],
  "hooks-libraries": [ ]
}} }}
END
{STOP_KEA}
{START_KEA}"""

HOOK = f"""\
{WRITE_ROUTE_SCRIPT}
library=$(find /usr/lib -name libdhcp_run_script.so)
script='{{ "name": "{ROUTE_SCRIPT}", "sync": true }}'
hook='{{ "library": "'$library'", "parameters": '$script' }}'
sed -i 's|"hooks-libraries".*|"hooks-libraries": [ '"$hook"' ]|' /etc/kea/kea-dhcp6.conf
ip -6 route flush 2001:db8:1000::/60
{STOP_KEA}
{START_KEA}"""

UNHOOK = f"{KEA}\nrm -f {ROUTE_SCRIPT}"


START_DHCP6C = "dhcp6c -p /run/dhcp6c.pid wan0"
DHCP6C = f"""\
cat > /etc/wide-dhcpv6/dhcp6c.conf <<END
interface wan0 {{ send ia-pd 0; }};
id-assoc pd 0 {{
  prefix-interface lan0 {{ sla-id 5; sla-len 4; ifid 1; }};
}};
END
{STOP_DHCP6C}
{START_DHCP6C}"""

# Two clients on one interface would take each other's answers, and want the same port.  What goes
# into the background writes its pid some time later, and what is told to release does not wait for
# the other's end.
DHCLIENT = f"""\
{STOP_DHCP6C}
files="-lf /run/dhclient.leases -pf /run/dhclient.pid"
dhclient -6 -P -1 $files wan0
grep iaprefix /run/dhclient.leases
echo addresses on lan0: $(ip -6 -o address show dev lan0 scope global | wc -l)
until [ -s /run/dhclient.pid ]; do sleep 0.05; done
pid=$(cat /run/dhclient.pid)
dhclient -6 -P -r $files wan0
tail --pid=$pid -s 0.05 -f /dev/null
{START_DHCP6C}"""
