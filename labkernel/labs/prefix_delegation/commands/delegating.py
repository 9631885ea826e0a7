"""Commands and files for the delegated prefix."""

from labkernel.labs._commands import START_KEA, STOP_DHCP6C, STOP_KEA
from labkernel.labs.prefix_delegation.commands import (
    OLD_PREFIX,
    START_RADVD,
    STOP_RADVD,
    write_radvd_on_lan,
)
from labkernel.labs.prefix_delegation.topology import lab

RADVD_CPE = f"{write_radvd_on_lan(OLD_PREFIX)}\n{STOP_RADVD}\n{START_RADVD}"

# Each DHCPv6 client has a name of its own (DUID), and would get another prefix: the customer's is
# reserved by the MAC address of the CPE, and free again as soon as one gives it back.
_CPE = next(port for port in lab.topology.ports_of("cpe") if port.name == "wan0")

KEA = f"""\
cat > /etc/kea/kea-dhcp6.conf <<END
{{ "Dhcp6": {{
  "interfaces-config": {{ "interfaces": [ "eth1" ] }},
  "control-socket": {{ "socket-type": "unix", "socket-name": "/run/kea/control" }},
  "lease-database": {{ "type": "memfile", "persist": false }},
  "expired-leases-processing": {{ "hold-reclaimed-time": 0 }},
  "subnet6": [ {{
    "id": 1, "subnet": "2001:db8:e::/64", "interface": "eth1",
    "reservations": [ {{ "hw-address": "{_CPE.mac}", "prefixes": [ "2001:db8:1000::/60" ] }} ],
    "pd-pools": [ {{ "prefix": "2001:db8:1000::", "prefix-len": 48, "delegated-len": 60 }} ]
  }} ],
  "hooks-libraries": [ ]
}} }}
END
{STOP_KEA}
{START_KEA}"""

#: each gives its prefix back, takes its address away, and ends; whatever it was started with
STOP_CLIENTS = f"""\
{STOP_DHCP6C}
for pid in $(pgrep -x dhclient); do
  xargs -0 -a /proc/$pid/cmdline sh -c 'exec dhclient -r "$@"'
  tail --pid=$pid -s 0.05 -f /dev/null
done
ip -6 address flush dev lan0 scope global"""

START_DHCP6C = "dhcp6c -p /run/dhcp6c.pid wan0"
DHCP6C = f"""\
cat > /etc/wide-dhcpv6/dhcp6c.conf <<END
interface wan0 {{ send ia-pd 0; }};
id-assoc pd 0 {{
  prefix-interface lan0 {{ sla-id 5; sla-len 4; ifid 1; }};
}};
END
{STOP_CLIENTS}
{START_DHCP6C}"""
