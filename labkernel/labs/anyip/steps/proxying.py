"""A prefix on the link: ARP, Neighbor Discovery, and proxies for it."""

from labkernel.checks import both, printed, reaches
from labkernel.labs._attached import attached
from labkernel.labs.anyip.checks.proxying import answers_for, proxied, swallows, unanswered
from labkernel.labs.anyip.commands.proxying import NDPPD, STOP_NDPPD
from labkernel.labs.anyip.topology import ON_LINK, ON_LINK4, lab

half = lab.step(
    "half",
    "Add local routes for half of the link's prefix, IPv6 and IPv4",
    on="server",
    run="ip -6 route replace local 2001:db8:2:0:8000::/65 dev lo\n"
    "ip route replace local 203.0.113.128/25 dev lo",
    check=both(attached("server", ON_LINK), attached("server", ON_LINK4)),
    undo="ip -6 route del local 2001:db8:2:0:8000::/65 dev lo\n"
    "ip route del local 203.0.113.128/25 dev lo",
)

arp = lab.step(
    "arp",
    "IPv4: capture the answer to the router's ARP request",
    on="router",
    run="ip neigh flush to 203.0.113.200 dev eth1\n"
    "on-the-wire eth1 203.0.113.200 -- ping -n -c 1 -W 5 203.0.113.200",
    exits=None,
    check=printed(r"ARP, Reply 203\.0\.113\.200 is-at [0-9a-f:]+", "the server's ARP reply"),
    wrong="on-the-wire eth1 203.0.113.99 -- ping -n -c 1 -W 0.5 203.0.113.99",
)

ndp = lab.step(
    "ndp",
    "IPv6: capture the answers to the router's Neighbor Solicitation",
    on="router",
    run="ip -6 neigh flush to 2001:db8:2:0:8000::1 dev eth1\n"
    "on-the-wire eth1 2001:db8:2:0:8000::1 -- ping -n -c 1 -W 5 2001:db8:2:0:8000::1\n"
    "ip -6 neigh show to 2001:db8:2:0:8000::1",
    exits=None,
    check=unanswered("2001:db8:2:0:8000::1"),
    wrong="ip -6 neigh flush to 2001:db8:2::2 dev eth1\n"
    "on-the-wire eth1 2001:db8:2::2 -- ping -n -c 1 -W 5 2001:db8:2::2",
)

proxy = lab.task(
    "proxy",
    "Configure proxy NDP for one address",
    on="server",
    about="Make the router reach 2001:db8:2:0:8000::1, without giving the server that address: "
    "let its kernel be a proxy for it on eth0.",
    solution="sysctl -w net.ipv6.conf.all.forwarding=1 net.ipv6.conf.eth0.proxy_ndp=1\n"
    "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth0",
    check=both(
        proxied("server", "eth0", "2001:db8:2:0:8000::1"),
        reaches("router", "2001:db8:2:0:8000::1", at="server"),
    ),
    undo="ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth0\n"
    "sysctl -w net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth0.proxy_ndp=0",
    hint=[
        "The kernel can answer for addresses that are somebody else's. `ip neigh help` knows how.",
        (
            "Three things: a proxy entry for the address on eth0; proxy_ndp switched on; and "
            "only a node that forwards is a proxy."
        ),
        (
            "`sysctl -w net.ipv6.conf.eth0.proxy_ndp=1`, `net.ipv6.conf.all.forwarding=1`, and "
            "`ip -6 neigh add proxy ADDRESS dev eth0`."
        ),
    ],
)

ndppd = lab.step(
    "ndppd",
    "Run ndppd for the whole half",
    on="server",
    run=NDPPD,
    check=answers_for("router", "server", ON_LINK),
    undo=STOP_NDPPD,
)

swallow = lab.step(
    "swallow",
    "Add a local route for the link's whole prefix",
    on="server",
    run="ip -6 route replace local 2001:db8:2::/64 dev lo",
    check=swallows("server", "router", "2001:db8:2::1", "2001:db8:2::2"),
    undo="ip -6 route del local 2001:db8:2::/64 dev lo",
)

repair = lab.task(
    "repair",
    "Restore the router's replies",
    on="server",
    about="The router can't ping the server's 2001:db8:2::2 any more. Find out where the replies "
    "go, and fix it; the addresses of 2001:db8:2:0:8000::/65 must stay the server's.",
    solution="ip -6 route flush exact 2001:db8:2::/64 table local\n"
    "ip -6 route replace local 2001:db8:2:0:8000::/65 dev lo",
    check=both(reaches("router", "2001:db8:2::2", at="server"), attached("server", ON_LINK)),
    undo="ip -6 route replace local 2001:db8:2::/64 dev lo",
    hint=[
        "The requests arrive. Whom does the server send its replies to?",
        "Ask it: `ip -6 route get 2001:db8:2::1`. That is the router's address.",
        "The /64 covers the router's address, the /65 does not: `ip -6 route del local …`.",
    ],
)
