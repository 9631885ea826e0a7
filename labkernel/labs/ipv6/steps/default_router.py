"""The router lifetime: a router that is no default router."""

from labkernel import capture
from labkernel.checks import both, reaches
from labkernel.labs.ipv6.checks.advertising import configured
from labkernel.labs.ipv6.checks.default_router import no_default_router
from labkernel.labs.ipv6.commands import ADVERTISE
from labkernel.labs.ipv6.commands.default_router import LOUD, SILENT
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, lab

silence = lab.step(
    "silence",
    "Advertise a router lifetime of 0",
    on="router",
    run=SILENT,
    check=no_default_router("client", "eth0"),
    undo=LOUD,
    observe=[capture("lan", only="icmp6")],
)

restore = lab.task(
    "restore",
    "Advertise a default router again",
    on="router",
    about=f"The client has an address and can't reach {INTERNET} any more. Mend it on the router.",
    solution=ADVERTISE,
    check=both(configured("client", "eth0", ON_LAN), reaches("client", INTERNET, at="internet")),
    undo=SILENT,
    hint=[
        "What does the router say of itself? Ask it from the client: `rdisc6 -1 eth0`.",
        "A router lifetime of 0 means: I am no default router. It stands in /etc/radvd.conf.",
        "Delete the line with AdvDefaultLifetime, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)
