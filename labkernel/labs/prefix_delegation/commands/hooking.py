"""Commands and files for the route to the delegated prefix."""

from labkernel.labs._commands import ROUTE_SCRIPT, START_KEA, STOP_KEA, WRITE_ROUTE_SCRIPT
from labkernel.labs.prefix_delegation.commands.delegating import KEA

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
