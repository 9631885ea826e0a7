"""Forwarding: a host that becomes a router stops listening to advertisements."""

from labkernel.checks import eventually
from labkernel.labs.ipv6.checks.forwarding import forgot, listens
from labkernel.labs.ipv6.topology import lab

become = lab.step(
    "become",
    "Enable forwarding on the laptop",
    on="laptop",
    run="sysctl -w net.ipv6.conf.all.forwarding=1\nip -6 route show default",
    check=eventually(forgot, within=2, on="laptop"),
    undo="sysctl -q -w net.ipv6.conf.all.forwarding=0\nrdisc6 -1 -q eth0",
    about="As a Docker engine does, or a VPN: what it gives to others, it takes from itself.",
)

listen = lab.task(
    "listen",
    "Accept advertisements on a router",
    on="laptop",
    about="Let the laptop have its default route from the router's advertisements, and forward all "
    "the same.",
    solution="sysctl -w net.ipv6.conf.eth0.accept_ra=2\nrdisc6 -1 -q eth0",
    check=eventually(listens, within=2, on="laptop"),
    undo="sysctl -q -w net.ipv6.conf.eth0.accept_ra=1 net.ipv6.conf.eth0.forwarding=1\n"
    "ip -6 route flush exact default",
    hint=[
        "Whether an interface listens is a setting: `sysctl -a | grep accept_ra`.",
        "accept_ra: 1 means as long as I don't forward, 2 means always.",
        "`sysctl -w net.ipv6.conf.eth0.accept_ra=2`; then `rdisc6 -1 eth0` for an advertisement.",
    ],
)
