"""The WAN: a default route for the router, by the ISP's advertisements."""

from labkernel import capture
from labkernel.checks import both, printed
from labkernel.labs.prefix_delegation.checks.advertising import announced, has_default_route
from labkernel.labs.prefix_delegation.commands import STOP_RADVD
from labkernel.labs.prefix_delegation.commands.advertising import RADVD_ISP
from labkernel.labs.prefix_delegation.topology import lab

announce = lab.step(
    "announce",
    "Advertise the ISP's router on the WAN",
    on="isp",
    run=RADVD_ISP,
    check=announced("cpe", "wan0", "2001:db8:e::/64"),
    undo=STOP_RADVD,
    observe=[capture("wan", only="icmp6")],
)

deaf = lab.step(
    "deaf",
    "Show that the CPE ignores the advertisement",
    on="cpe",
    run="rdisc6 -1 wan0 | grep -e 'Router lifetime' -e ' Prefix '\n"
    "sysctl net.ipv6.conf.wan0.forwarding net.ipv6.conf.wan0.accept_ra\n"
    "echo default routes: $(ip -6 route show default | wc -l)",
    check=both(
        printed(r"Prefix +: 2001:db8:e::/64$", "the ISP's advertisement"),
        printed(r"^default routes: 0$", "that no default route came of it"),
    ),
    wrong="echo default routes: $(ip -6 route show | wc -l)",
)

listen = lab.task(
    "listen",
    "Accept advertisements on the CPE",
    on="cpe",
    about="The CPE hears the advertisement and ignores it. Make it take its default route from "
    "there; it must remain a router.",
    solution="sysctl -w net.ipv6.conf.wan0.accept_ra=2\nrdisc6 -1 -q wan0",
    check=has_default_route("cpe", "wan0"),
    undo="sysctl -q -w net.ipv6.conf.wan0.accept_ra=1\n"
    "ip -6 route flush proto ra\n"
    "ip -6 address flush dev wan0 scope global",
    hint=[
        (
            "A router does not believe other routers' advertisements, unless it is told to. What "
            "does accept_ra=1 mean on a machine that forwards?"
        ),
        "accept_ra=1 means: if I do not forward. There is a value that means: even if I do.",
        (
            "`sysctl -w net.ipv6.conf.wan0.accept_ra=2`. The next advertisement comes within "
            "seconds; `rdisc6 -1 wan0` asks for one."
        ),
    ],
)
