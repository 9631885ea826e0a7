"""DHCP: the server's leases follow the bond's MAC address."""

from labkernel.labs.bonding.checks.leasing import serves, two_leases
from labkernel.labs.bonding.commands.leasing import LEASE_TWICE, SERVE, SERVE_NO_MORE
from labkernel.labs.bonding.topology import lab
from labkernel.labs.bonding.views.leasing import leases_table

offered = lab.step(
    "offered",
    "Start a DHCP server",
    on="client",
    run=SERVE,
    check=serves,
    undo=SERVE_NO_MORE,
    about="dnsmasq on the client leases 192.0.2.100 to .199 by MAC address, and by DHCPv6 "
    "2001:db8:b::1000 to ::1fff by DUID. It writes down to whom.",
)

leased = lab.step(
    "leased",
    "Request leases at two boots",
    on="server",
    run=LEASE_TWICE,
    check=two_leases,
    wrong="printf '%s\\n' 'bond0 is 02:00:00:00:00:00' 'bond0 UP 192.0.2.9/24'",
    view=leases_table,
    timeout=180,
    volatile=r"^bond0 +(?:UP|UNKNOWN) +",
    about="At the first boot eth0 comes first, at the second eth1. The check looks at what the "
    "DHCP server has written down.",
)
