"""The route to the delegated prefix, by hand and by a hook of the server."""

from labkernel import capture
from labkernel.checks import both, eventually, printed, reaches
from labkernel.labs._kea import delegates
from labkernel.labs.prefix_delegation.checks.delegating import delegated
from labkernel.labs.prefix_delegation.checks.hooking import hooked, led, no_route
from labkernel.labs.prefix_delegation.commands.delegating import DHCP6C, STOP_CLIENTS
from labkernel.labs.prefix_delegation.commands.hooking import HOOK, UNHOOK
from labkernel.labs.prefix_delegation.topology import DELEGATED, DHCP, LAN, PC, POOL, lab

lost = lab.step(
    "lost",
    "Ping the PC from the Internet",
    on="internet",
    run=f"ping -n -c 1 -W 1 {PC}",
    exits=None,
    check=printed(
        "From 2001:db8:f::2 .*Destination unreachable: No route",
        "the ISP's “No route”",
        hint="Does the ISP have a route to the prefix already? Reset starts afresh.",
    ),
    wrong="ping -n -c 1 -W 1 2001:db8:f::2",
)

lead = lab.task(
    "lead",
    "Route the delegated prefix to the CPE",
    on="isp",
    about="The ISP has given the prefix away and does not know the way to it. Give it a route to "
    "all of the /60, by the CPE's link-local address.",
    solution="cpe=$(ip -6 neigh show dev eth1 | awk '/^fe80/ { print $1; exit }')\n"
    "ip -6 route flush root 2001:db8:1000::/48\n"
    "ip -6 route replace 2001:db8:1000::/60 via $cpe dev eth1",
    check=led(DELEGATED, PC),
    undo="ip -6 route flush root 2001:db8:1000::/48",
    hint=[
        "A DHCPv6 server hands out prefixes; it does not touch the routing table.",
        "`ip -6 neigh show dev eth1` on the ISP lists the CPE, since they have just talked.",
        (
            "`ip -6 route replace 2001:db8:1000::/60 via FE80-ADDRESS dev eth1`: a link-local next "
            "hop needs the interface as well."
        ),
    ],
)

hook = lab.step(
    "hook",
    "Replace the route by a hook of the server",
    on="isp",
    run=HOOK,
    check=both(eventually(delegates(POOL, hook=True)), no_route("isp", DELEGATED)),
    undo=UNHOOK,
)

renew = lab.step(
    "renew",
    "Request the prefix again, for the hook's route",
    on="cpe",
    run=DHCP6C,
    check=both(
        eventually(delegated(DELEGATED, LAN), 8, on="cpe"),
        eventually(hooked("isp", DELEGATED), on="isp"),
        reaches("internet", PC, at="pc"),
    ),
    undo=STOP_CLIENTS,
    observe=[capture("wan", only=DHCP)],
)
