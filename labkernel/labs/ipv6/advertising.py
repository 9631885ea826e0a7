"""What an advertisement gives, what the node makes itself, and who answers for it."""

from labkernel import capture
from labkernel.checks import both, printed, reaches
from labkernel.labs.ipv6 import checks
from labkernel.labs.ipv6.commands import ADVERTISE, STOP_RADVD, edit_radvd
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, ROUTER, lab

_AGAIN = "ip -6 address flush dev eth0 scope global\nrdisc6 -1 -q eth0"
_SILENT = edit_radvd("s/AdvSendAdvert on;/&\\n  AdvDefaultLifetime 0;/")
LOUD = edit_radvd("/AdvDefaultLifetime/d")

# -- before there is a router --------------------------------------------------------------------

everybody = lab.step(
    "everybody",
    "Ask everybody on the link",
    on="client",
    run="ping -n -c 2 -i 0.2 ff02::1%eth0 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p' | sort -u",
    check=checks.answered(3),
    wrong="ping -n -c 1 ::1 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p'",
    about="No node of the LAN but the router has been given an address, and all of them have one.",
)

# -- advertisements ------------------------------------------------------------------------------

advertise = lab.step(
    "advertise",
    "Announce a prefix, as the original's router does",
    on="router",
    run=ADVERTISE,
    check=checks.configured("client", "eth0", ON_LAN),
    undo=STOP_RADVD,
    observe=[capture("lan", only="icmp6")],
)

look = lab.step(
    "look",
    "Look at what the client made of it",
    on="client",
    run="ip -6 address show dev eth0 scope global\nip -6 route show default",
    check=printed(r"^default via fe80::\S+ dev eth0 proto ra", "a default route by advertisement"),
    wrong="ip -6 address show dev lo",
)

solicit = lab.step(
    "solicit",
    "Ask for an advertisement",
    on="client",
    run="rdisc6 -1 eth0",
    check=printed(r"^ *Prefix +: 2001:db8::/64$", "the prefix in the answer"),
    wrong=f"ndisc6 -1 {ROUTER} eth0",
    observe=[capture("lan", only="icmp6")],
)

internet = lab.step(
    "internet",
    "Reach the internet node",
    on="client",
    run=f"ping -n -c 2 -i 0.2 {INTERNET}",
    check=printed("2 received", "two replies"),
    wrong="ping -n -c 1 -W 1 2001:db8:f::dead",
)

# -- the other half of the address ---------------------------------------------------------------

hide = lab.task(
    "hide",
    "Hide the MAC address",
    on="client",
    about="The last 64 bits of the client's address are its MAC address, with ff:fe in the middle: "
    "whoever sees it in two networks knows that it is the same machine. Have the client make an "
    "identifier that differs from network to network, and is the same in each (RFC 7217).",
    solution=f"sysctl -w net.ipv6.conf.eth0.addr_gen_mode=3\n{_AGAIN}",
    check=checks.private("client", "eth0", ON_LAN),
    undo=f"sysctl -w net.ipv6.conf.eth0.addr_gen_mode=0\n{_AGAIN}",
    hint=[
        "How an identifier is made is a setting of the interface: net.ipv6.conf.eth0.…",
        "addr_gen_mode: 0 is EUI-64, 2 and 3 are stable and private; 3 makes its own secret.",
        "Addresses that are there stay: `ip -6 address flush dev eth0 scope global`, then rdisc6.",
    ],
)

pass_by = lab.task(
    "pass-by",
    "Send from an address that will not last",
    on="client",
    about="The client's address is private, but the same for as long as it is in this network. "
    "Have it send from temporary addresses (RFC 8981).",
    solution=f"sysctl -w net.ipv6.conf.eth0.use_tempaddr=2\n{_AGAIN}",
    check=checks.temporary("client", "eth0", INTERNET),
    undo=f"sysctl -w net.ipv6.conf.eth0.use_tempaddr=0\n{_AGAIN}",
    hint=[
        "It is a setting of the interface again: `sysctl net.ipv6.conf.eth0 | grep temp`.",
        "use_tempaddr: 1 makes them, 2 prefers them as well.",
        "They are made together with a new address: flush, and ask for an advertisement.",
    ],
)

# -- neighbours ----------------------------------------------------------------------------------

neighbour = lab.step(
    "neighbour",
    "Find the router's MAC address",
    on="client",
    run=f"ip -6 neigh flush dev eth0\nping -n -c 1 {ROUTER}\nip -6 neigh show to {ROUTER}",
    check=checks.resolved(ROUTER),
    wrong="ip -6 neigh flush dev eth0\nping -n -c 1 -W 1 2001:db8::dead || true",
    observe=[capture("lan", only="icmp6")],
)

twice = lab.step(
    "twice",
    "Give the laptop the router's address",
    on="laptop",
    run=f"ip -6 address flush to {ROUTER} dev eth0\nip -6 address add {ROUTER}/64 dev eth0",
    check=checks.duplicate("laptop", "eth0", ROUTER),
    undo=f"ip -6 address del {ROUTER}/64 dev eth0",
    observe=[capture("lan", only="icmp6")],
)

own = lab.task(
    "own",
    "Give the laptop an address of its own",
    on="laptop",
    about=f"Let the laptop have 2001:db8::2 instead, and {ROUTER} no more.",
    solution=f"ip -6 address flush to {ROUTER} dev eth0\n"
    "ip -6 address flush to 2001:db8::2 dev eth0\n"
    "ip -6 address add 2001:db8::2/64 dev eth0",
    check=checks.mended("laptop", "eth0", ROUTER, "2001:db8::2"),
    undo=f"ip -6 address del 2001:db8::2/64 dev eth0\nip -6 address add {ROUTER}/64 dev eth0",
    hint=[
        "An address that has failed stays in the list until somebody takes it away.",
        "`ip -6 address del ADDRESS/64 dev eth0`, and `add` for the other one.",
    ],
)

# -- a router that is none -----------------------------------------------------------------------

silence = lab.step(
    "silence",
    "Announce the prefix, but no default router",
    on="router",
    run=_SILENT,
    check=checks.no_default_router("client", "eth0"),
    undo=LOUD,
    observe=[capture("lan", only="icmp6")],
)

restore = lab.task(
    "restore",
    "Be a default router again",
    on="router",
    about=f"The client has an address and can't reach {INTERNET} any more. Mend it on the router.",
    solution=ADVERTISE,
    check=both(
        checks.configured("client", "eth0", ON_LAN), reaches("client", INTERNET, at="internet")
    ),
    undo=_SILENT,
    hint=[
        "What does the router say of itself? Ask it from the client: `rdisc6 -1 eth0`.",
        "A router lifetime of 0 means: I am no default router. It stands in /etc/radvd.conf.",
        "Delete the line with AdvDefaultLifetime, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)
