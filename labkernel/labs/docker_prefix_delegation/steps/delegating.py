"""Prefix delegation to the host, by the CPE's server."""

from labkernel import capture
from labkernel.checks import both, eventually
from labkernel.labs._commands import STOP_DHCP6C, STOP_KEA
from labkernel.labs._kea import delegates
from labkernel.labs.docker_prefix_delegation.checks.delegating import (
    asks,
    delegated,
    told_to_delegate,
)
from labkernel.labs.docker_prefix_delegation.commands.delegating import CLIENT, KEA
from labkernel.labs.docker_prefix_delegation.topology import DELEGATED, OWN, lab

serve = lab.step(
    "serve",
    "Delegate a part of the CPE's prefix",
    on="cpe",
    run=KEA,
    check=both(
        told_to_delegate("2001:db8:1000:8::"),
        eventually(delegates("2001:db8:1000:8::/61", True, "cpe", 62), 15),
    ),
    undo=f"{STOP_KEA}\nrm -f /etc/kea/kea-dhcp6.conf",
)

ask = lab.task(
    "ask",
    "Request a prefix on the host",
    on="host",
    about="The CPE delegates a /62: four networks. Have dhcp6c ask for it on eth0, and give the "
    "loopback interface lo the address ::1 in the last of the four, number 3. Its file is "
    "/etc/wide-dhcpv6/dhcp6c.conf.",
    solution=CLIENT,
    check=both(asks("host"), eventually(delegated(DELEGATED, OWN), 8)),
    undo=STOP_DHCP6C,
    observe=[capture("lan", only="udp port 546 or udp port 547")],
    hint=[
        "`interface eth0` says what to send, `id-assoc pd 0` what to do with what comes.",
        "From /62 to /64 there are 2 bits: that is sla-len. The number of the network is sla-id.",
        (
            "`interface eth0 { send ia-pd 0; };` and `id-assoc pd 0 { prefix-interface lo { "
            "sla-id 3; sla-len 2; ifid 1; }; };`, then `dhcp6c -p /run/dhcp6c.pid eth0`."
        ),
    ],
)
