"""Commands and files for addresses by DHCPv6."""

from labkernel.labs._commands import STOP_DHCP6C
from labkernel.labs.ipv6.commands import edit_radvd
from labkernel.labs.ipv6.commands.stateless import STOP_KEA, start_kea
from labkernel.labs.ipv6.topology import FIRST_LEASE, LAST_LEASE, LEASES, ON_LAN

MANAGED = edit_radvd(
    "s/AdvOtherConfigFlag on;/& AdvManagedFlag on;/; s/AdvAutonomous on/AdvAutonomous off/"
)
BY_THEMSELVES = edit_radvd("s/ AdvManagedFlag on;//g; s/AdvAutonomous off/AdvAutonomous on/")
_START_KEA = start_kea("/etc/kea/stateful.json")
START = "dhcp6c -c /etc/wide-dhcpv6/lease.conf -p /run/dhcp6c.pid eth0"
#: who asks returns before there is an answer, and only a lease can be given back
START_AND_WAIT = f"""\
{START}
until ip -6 address show dev eth0 to {FIRST_LEASE}/116 | grep -q inet6; do sleep 0.05; done"""

MANAGE = f"""\
{MANAGED}
cat > /etc/kea/stateful.json <<END
{{ "Dhcp6": {{
    "interfaces-config": {{ "interfaces": [ "eth1" ] }},
    "lease-database": {{ "type": "memfile", "name": "{LEASES}", "lfc-interval": 0 }},
    "subnet6": [ {{ "id": 1, "subnet": "{ON_LAN}", "interface": "eth1",
                   "pools": [ {{ "pool": "{FIRST_LEASE}-{LAST_LEASE}" }} ] }} ] }} }}
END
{STOP_KEA}
rm -f {LEASES}
{_START_KEA}"""

LEASE = f"""\
{STOP_DHCP6C}
ip -6 address flush dev eth0 scope global
echo 'interface eth0 {{ send ia-na 0; }}; id-assoc na 0 {{ }};' > /etc/wide-dhcpv6/lease.conf
{START}"""
