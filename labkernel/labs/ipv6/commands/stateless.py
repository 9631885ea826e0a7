"""Commands and files for stateless DHCPv6."""

from labkernel.labs._commands import stop_all
from labkernel.labs.ipv6.topology import ROUTER

ASK = (
    "echo 'interface eth0 { information-only; request domain-name-servers, domain-name; };' "
    "> /etc/wide-dhcpv6/ask.conf\n"
    "timeout 2 dhcp6c -f -D -c /etc/wide-dhcpv6/ask.conf eth0 2>&1"
)
FIRST_NAMESERVER = 'sed -n "/nameserver/ { s/.*nameserver[^ ]* //p; q }"'


def start_kea(file: str) -> str:
    """The command that starts Kea; its pid file is called after its configuration's."""
    return (
        "export KEA_LOCKFILE_DIR=none KEA_PIDFILE_DIR=/run\n"
        f"kea-dhcp6 -c {file} > /var/log/kea.log 2>&1 &"
    )


START_STATELESS = start_kea("/etc/kea/stateless.json")
STOP_KEA = stop_all("/usr/sbin/kea-dhcp6")

ANSWER = f"""\
mkdir -p -m 750 /run/kea /var/lib/kea
cat > /etc/kea/stateless.json <<END
{{ "Dhcp6": {{
    "interfaces-config": {{ "interfaces": [ "eth1" ] }},
    "lease-database": {{ "type": "memfile", "persist": false }},
    "option-data": [ {{ "name": "dns-servers", "data": "{ROUTER}" }} ] }} }}
END
{STOP_KEA}
{START_STATELESS}"""
