"""Commands and files for the prefix of the host."""

from labkernel.labs._commands import (
    ROUTE_SCRIPT,
    START_KEA,
    STOP_DHCP6C,
    STOP_KEA,
    WRITE_ROUTE_SCRIPT,
)
from labkernel.labs.docker_prefix_delegation.topology import lab

# The host's prefix is reserved by its MAC address, whatever client asks for it.
_HOST = next(port for port in lab.topology.ports_of("host") if port.name == "eth0")

KEA = f"""\
{WRITE_ROUTE_SCRIPT}
cat > /etc/kea/kea-dhcp6.conf <<END
{{ "Dhcp6": {{
  "interfaces-config": {{ "interfaces": [ "lan0" ] }},
  "control-socket": {{ "socket-type": "unix", "socket-name": "/run/kea/control" }},
  "lease-database": {{ "type": "memfile", "persist": false }},
  "expired-leases-processing": {{ "hold-reclaimed-time": 0 }},
  "subnet6": [ {{
    "id": 1, "subnet": "2001:db8:1000::/64", "interface": "lan0",
    "reservations": [ {{ "hw-address": "{_HOST.mac}", "prefixes": [ "2001:db8:1000:8::/62" ] }} ],
    "pd-pools": [ {{ "prefix": "2001:db8:1000:8::", "prefix-len": 61, "delegated-len": 62 }} ]
  }} ],
  "hooks-libraries": [ {{ "library": "$(find /usr/lib -name libdhcp_run_script.so)",
    "parameters": {{ "name": "{ROUTE_SCRIPT}", "sync": true }} }} ]
}} }}
END
{STOP_KEA}
{START_KEA}"""

START_CLIENT = "dhcp6c -p /run/dhcp6c.pid eth0"
CLIENT = f"""\
cat > /etc/wide-dhcpv6/dhcp6c.conf <<END
interface eth0 {{ send ia-pd 0; }};
id-assoc pd 0 {{
  prefix-interface lo {{ sla-id 3; sla-len 2; ifid 1; }};
}};
END
{STOP_DHCP6C}
{START_CLIENT}"""
