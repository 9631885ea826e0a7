"""The prefix: requested on the WAN, assigned to the LAN, and announced there."""

from labkernel import capture
from labkernel.checks import eventually
from labkernel.labs._commands import STOP_KEA
from labkernel.labs._kea import delegates
from labkernel.labs.prefix_delegation.checks.delegating import delegated, has_address
from labkernel.labs.prefix_delegation.commands import STOP_RADVD
from labkernel.labs.prefix_delegation.commands.delegating import (
    DHCP6C,
    KEA,
    RADVD_CPE,
    STOP_CLIENTS,
)
from labkernel.labs.prefix_delegation.topology import DELEGATED, DHCP, LAN, POOL, lab

serve = lab.step(
    "serve",
    "Start a server that delegates prefixes",
    on="isp",
    run=KEA,
    check=eventually(delegates(POOL)),
    undo=STOP_KEA,
)

ask = lab.task(
    "ask",
    "Request a prefix, and assign its subnet 5 to the LAN",
    on="cpe",
    about="The ISP delegates a /60. Request it on wan0 by a DHCPv6 client, and give lan0 the "
    "address ::1 in the /64 with number 5 of it. The file of dhcp6c is "
    "/etc/wide-dhcpv6/dhcp6c.conf.",
    solution=DHCP6C,
    check=eventually(delegated(DELEGATED, LAN), 8, on="cpe"),
    undo=STOP_CLIENTS,
    observe=[capture("wan", only=DHCP)],
    hint=[
        (
            "Two statements: `interface wan0` says what to send, `id-assoc pd 0` what to do with "
            "the prefix that comes."
        ),
        (
            "A /60 has 4 bits left until /64: that is sla-len. Which of the 16 it is, is sla-id. "
            "ifid is the rest of the address."
        ),
        (
            "`interface wan0 { send ia-pd 0; };` and `id-assoc pd 0 { prefix-interface lan0 { "
            "sla-id 5; sla-len 4; ifid 1; }; };`, then `dhcp6c -p /run/dhcp6c.pid wan0`."
        ),
    ],
)

hand_out = lab.task(
    "hand-out",
    "Advertise the subnet on the LAN",
    on="cpe",
    about="lan0 has an address of the delegated prefix; the PC knows nothing of it. Write "
    "/etc/radvd.conf on the CPE and start radvd.",
    solution=RADVD_CPE,
    check=has_address("pc", LAN),
    undo=STOP_RADVD,
    observe=[capture("lan", only="icmp6")],
    hint=[
        "It is what the ISP does on its side of the WAN, in the first step.",
        "The interface is lan0, and the prefix is the /64 of lan0's own address, not the /60.",
        (
            "`interface lan0 { AdvSendAdvert on; prefix 2001:db8:1000:5::/64 { }; };`, then "
            "`radvd --pidfile /run/radvd.pid`."
        ),
    ],
)
