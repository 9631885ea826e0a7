"""Commands and files for the delegated prefix."""

from labkernel.labs._commands import START_KEA, STOP_DHCP6C, STOP_KEA
from labkernel.labs.prefix_delegation.commands import (
    OLD_PREFIX,
    START_RADVD,
    STOP_RADVD,
    write_radvd_on_lan,
)

RADVD_CPE = f"{write_radvd_on_lan(OLD_PREFIX)}\n{STOP_RADVD}\n{START_RADVD}"

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
