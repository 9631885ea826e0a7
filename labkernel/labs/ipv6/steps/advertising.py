"""Router Advertisements: the prefix, the address made of it, the default route."""

from labkernel import capture
from labkernel.checks import printed
from labkernel.labs.ipv6.checks.advertising import answered, configured
from labkernel.labs.ipv6.commands import ADVERTISE, STOP_RADVD
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, ROUTER, lab

everybody = lab.step(
    "everybody",
    "Ping all nodes on the link",
    on="client",
    run="ping -n -c 2 -i 0.2 ff02::1%eth0 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p' | sort -u",
    check=answered(3),
    wrong="ping -n -c 1 ::1 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p'",
    about="No node of the LAN but the router has been given an address, and all of them have one.",
)

advertise = lab.step(
    "advertise",
    "Advertise a prefix with radvd",
    on="router",
    run=ADVERTISE,
    check=configured("client", "eth0", ON_LAN),
    undo=STOP_RADVD,
    observe=[capture("lan", only="icmp6")],
)

look = lab.step(
    "look",
    "Show the address and the default route",
    on="client",
    run="ip -6 address show dev eth0 scope global\nip -6 route show default",
    check=printed(r"^default via fe80::\S+ dev eth0 proto ra", "a default route by advertisement"),
    wrong="ip -6 address show dev lo",
)

solicit = lab.step(
    "solicit",
    "Solicit a Router Advertisement",
    on="client",
    run="rdisc6 -1 eth0",
    check=printed(r"^ *Prefix +: 2001:db8::/64$", "the prefix in the answer"),
    wrong=f"ndisc6 -1 {ROUTER} eth0",
    observe=[capture("lan", only="icmp6")],
)

internet = lab.step(
    "internet",
    "Ping the internet node",
    on="client",
    run=f"ping -n -c 2 -i 0.2 {INTERNET}",
    check=printed("2 received", "two replies"),
    wrong="ping -n -c 1 -W 1 2001:db8:f::dead",
)
