"""Commands and files for dhclient."""

from labkernel.labs.prefix_delegation.commands.delegating import START_DHCP6C, STOP_CLIENTS

# Two clients on one interface would take each other's answers, and want the same port.  What goes
# into the background writes its pid some time later, and what is told to release does not wait for
# the other's end.
DHCLIENT = f"""\
{STOP_CLIENTS}
files="-lf /run/dhclient.leases -pf /run/dhclient.pid"
dhclient -6 -P -1 $files wan0
grep iaprefix /run/dhclient.leases
echo addresses on lan0: $(ip -6 -o address show dev lan0 scope global | wc -l)
until [ -s /run/dhclient.pid ]; do sleep 0.05; done
pid=$(cat /run/dhclient.pid)
dhclient -6 -P -r $files wan0
tail --pid=$pid -s 0.05 -f /dev/null
{START_DHCP6C}"""
