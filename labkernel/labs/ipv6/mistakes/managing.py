"""Usual mistakes and other right answers: addresses by DHCPv6."""

from labkernel import Mistake, Right
from labkernel.labs import ipv6
from labkernel.labs.ipv6.commands import edit_radvd

MISTAKES = {
    ipv6.lease: [
        Mistake("true", says="A program must ask: dhcp6c"),
        Mistake(
            ipv6.lease.solution.replace("send ia-na 0;", ""),
            says="does not ask for an address",
        ),
        Mistake(
            f"{ipv6.lease.solution}\nip -6 address add 2001:db8::5/64 dev eth0",
            says="What it made itself stays until it expires",
        ),
        Mistake(  # an address of the pool, and nobody was asked
            "ip -6 address flush dev eth0 scope global\n"
            "ip -6 address add 2001:db8::1005/128 dev eth0",
            says="Kea has no lease for 2001:db8::1005",
            fix="ip -6 address del 2001:db8::1005/128 dev eth0",
        ),
        Mistake(  # the same while dhcp6c runs
            f"{ipv6.lease.solution.replace('send ia-na 0;', '')}\n"
            "ip -6 address add 2001:db8::1005/128 dev eth0",
            says="Kea has no lease for 2001:db8::1005",
            fix="ip -6 address del 2001:db8::1005/128 dev eth0",
        ),
    ],
    ipv6.unmanage: [
        Mistake("true", says="is announced without the A flag"),
        Mistake(  # by hand, and not by the router
            "ip -6 address add 2001:db8::77/64 dev eth0",
            says="is announced without the A flag",
            on="client",
            fix="ip -6 address del 2001:db8::77/64 dev eth0",
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.lease: [
        Right(
            "ip -6 address flush dev eth0 scope global\n"
            "dhclient -6 -1 -lf /run/dhclient.leases -pf /run/dhclient.pid eth0",
            undo="dhclient -6 -r -lf /run/dhclient.leases -pf /run/dhclient.pid eth0",
        ),
        Right(
            ipv6.lease.solution.replace("lease.conf", "dhcp6c.conf"),
        ),
    ],
    ipv6.unmanage: [
        Right(edit_radvd("s/AdvAutonomous off/AdvAutonomous on/")),
        Right(
            "sed -i 's/AdvManagedFlag on/AdvManagedFlag off/; s/AdvAutonomous "
            "off/AdvAutonomous on/' "
            "/etc/radvd.conf\nkill -HUP $(cat /run/radvd.pid)",
            undo=f"{ipv6.advertise.run}\n{ipv6.unmanage.undo}",
        ),
    ],
}
