"""The flags and the lifetimes of a prefix."""

from labkernel import capture
from labkernel.checks import eventually
from labkernel.labs.ipv6.checks.flagging import deprecated, flagged, redirect_recorded, routers_only
from labkernel.labs.ipv6.commands import ADVERTISE, write_radvd
from labkernel.labs.ipv6.commands.flagging import OFF, OLD, ON, REDIRECTED, YOUNG
from labkernel.labs.ipv6.topology import ON_LAN, ROUTER, lab

groups = lab.step(
    "groups",
    "Ping all routers on the link",
    on="client",
    run="ping -n -c 2 -i 0.2 ff02::2%eth0 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p' | sort -u",
    check=routers_only,
    wrong="ping -n -c 2 -i 0.2 ff02::1%eth0 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p' | sort -u",
    about="ff02::2 is the group of all routers: a node joins it when it begins to forward.",
)

offlink = lab.task(
    "offlink",
    "Clear the on-link (L) flag",
    on="router",
    about=f"Announce {ON_LAN} so that nodes make themselves addresses of it, but don't take it for "
    "their link: they are to send to each other by the router.",
    solution=write_radvd("AdvOnLink off; AdvAutonomous on;"),
    check=flagged(on_link=False),
    undo=ON,
    hint=[
        "Which of the prefix's two flags says that its addresses are neighbours?",
        "L, on-link: AdvOnLink in /etc/radvd.conf. A stays.",
        "`AdvOnLink off;`, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)

redirected = lab.step(
    "redirected",
    "Send to the laptop through the router",
    on="client",
    run=REDIRECTED,
    check=eventually(redirect_recorded, within=2),
    wrong=f"ping -n -c 1 {ROUTER}",
    observe=[capture("lan", only="icmp6")],
    about="The client forgets the route that it has from before; the advertisement brings no new.",
)

onlink = lab.step(
    "onlink",
    "Set the on-link (L) flag again",
    on="router",
    run=ON,
    check=flagged(on_link=True),
    undo=OFF,
)

retire = lab.step(
    "retire",
    "Deprecate the prefix",
    on="router",
    run=OLD,
    check=deprecated(True),
    undo=YOUNG,
    about="With a preferred lifetime of 0, addresses of the prefix stay valid for those who use "
    "them, but no new connection begins from them.",
)

renew = lab.task(
    "renew",
    "Make the prefix preferred again",
    on="router",
    about="The client's address is deprecated. Have the router's advertisements fix that.",
    solution=ADVERTISE,
    check=deprecated(False),
    undo=OLD,
    hint=[
        "`ip -6 address show dev eth0` on the client: compare preferred_lft with valid_lft.",
        "The lifetimes stand in the advertisement, and in /etc/radvd.conf.",
        "Delete AdvPreferredLifetime 0 there, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)
