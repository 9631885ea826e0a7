"""Prefix delegation: a home router asks its ISP for a prefix, and uses it on its links (RFC 8415).

After a post on prefix delegation that was planned in 2016 and of which only the code exists:
``dhclient -6 -P``, forwarding=1 with accept_ra=2, and a hook.
"""

from labkernel import Lab, Link, Node, capture
from labkernel.checks import both, eventually, printed, reaches
from labkernel.labs._commands import STOP_DHCP6C, STOP_KEA, renumber_kea
from labkernel.labs.prefix_delegation import commands, lan, routing, wan
from labkernel.labs.prefix_delegation.kea import delegates

POOL, NEXT_POOL = "2001:db8:1000::/48", "2001:db8:2000::/48"
DELEGATED, NEXT_DELEGATED = "2001:db8:1000::/60", "2001:db8:2000::/60"
LAN, NEXT_LAN = "2001:db8:1000:5::/64", "2001:db8:2000:5::/64"
PC, NEXT_PC = "2001:db8:1000:5::10", "2001:db8:2000:5::10"
ANYIP = "2001:db8:2000:a::/64"

_DHCP = "udp port 546 or udp port 547"

lab = Lab(
    "prefix-delegation",
    title="Prefix delegation: a router asks for a prefix, and every link gets a /64",
    nodes=[
        Node("internet", image="ipv6"),
        Node("isp", image="ipv6", forwards=True),
        Node("cpe", image="ipv6", forwards=True),
        Node("pc", image="ipv6"),
    ],
    links=[
        Link("core", "internet:eth0", "isp:eth0", prefix="2001:db8:f::/64"),
        Link("wan", "isp:eth1", "cpe:wan0", addresses={"isp:eth1": ["2001:db8:e::1/64"]}),
        Link("lan", "cpe:lan0", "pc:eth0"),
    ],
    setup={
        "internet": "ip -6 route replace default via 2001:db8:f::2",
        "isp": "mkdir -p /run/kea /var/lib/kea /usr/share/kea/scripts\nchmod 750 /run/kea",
        "pc": "ip token set ::10 dev eth0",
    },
)

# -- the WAN: a default route --------------------------------------------------------------------

announce = lab.step(
    "announce",
    "Announce the ISP's router on the WAN",
    on="isp",
    run=commands.RADVD_ISP,
    check=wan.announced("cpe", "wan0", "2001:db8:e::/64"),
    undo=commands.STOP_RADVD,
    observe=[capture("wan", only="icmp6")],
)

deaf = lab.step(
    "deaf",
    "Look whether the CPE has listened",
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
    "Have the CPE take the ISP's advertisements",
    on="cpe",
    about="The CPE hears the advertisement and ignores it. Make it take its default route from "
    "there; it must remain a router.",
    solution="sysctl -w net.ipv6.conf.wan0.accept_ra=2\nrdisc6 -1 -q wan0",
    check=wan.has_default_route("cpe", "wan0"),
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

# -- the prefix ----------------------------------------------------------------------------------

serve = lab.step(
    "serve",
    "Start a server that delegates prefixes",
    on="isp",
    run=commands.KEA,
    check=eventually(delegates(POOL)),
    undo=STOP_KEA,
)

ask = lab.task(
    "ask",
    "Ask for a prefix, and put its subnet 5 on the LAN",
    on="cpe",
    about="The ISP delegates a /60. Have dhcp6c ask for it on wan0 and give lan0 the address ::1 "
    "in the /64 with number 5 of it. Its file is /etc/wide-dhcpv6/dhcp6c.conf.",
    solution=commands.DHCP6C,
    check=eventually(wan.delegated(DELEGATED, LAN), 8, on="cpe"),
    undo=STOP_DHCP6C,
    observe=[capture("wan", only=_DHCP)],
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
    "Announce the subnet to the PC",
    on="cpe",
    about="lan0 has an address of the delegated prefix; the PC knows nothing of it. Write "
    "/etc/radvd.conf on the CPE and start radvd.",
    solution=commands.RADVD_CPE,
    check=lan.has_address("pc", LAN),
    undo=commands.STOP_RADVD,
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

# -- the way back --------------------------------------------------------------------------------

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
    "Lead the delegated prefix to the CPE",
    on="isp",
    about="The ISP has given the prefix away and does not know the way to it. Give it a route to "
    "all of the /60, by the CPE's link-local address.",
    solution="cpe=$(ip -6 neigh show dev eth1 | awk '/^fe80/ { print $1; exit }')\n"
    "ip -6 route add 2001:db8:1000::/60 via $cpe dev eth1",
    check=routing.led(DELEGATED, PC),
    undo="ip -6 route flush 2001:db8:1000::/60",
    hint=[
        "A DHCPv6 server hands out prefixes; it does not touch the routing table.",
        "`ip -6 neigh show dev eth1` on the ISP lists the CPE, since they have just talked.",
        (
            "`ip -6 route add 2001:db8:1000::/60 via FE80-ADDRESS dev eth1`: a link-local next hop "
            "needs the interface as well."
        ),
    ],
)

hook = lab.step(
    "hook",
    "Replace the route by a hook of the server",
    on="isp",
    run=commands.HOOK,
    check=both(eventually(delegates(POOL, hook=True)), routing.no_route("isp", DELEGATED)),
    undo=commands.UNHOOK,
)

renew = lab.step(
    "renew",
    "Ask again, and have the route made",
    on="cpe",
    run=f"{STOP_DHCP6C}\n{commands.START_DHCP6C}",
    check=both(
        eventually(wan.delegated(DELEGATED, LAN), 8, on="cpe"),
        eventually(routing.hooked("isp", DELEGATED), on="isp"),
        reaches("internet", PC, at="pc"),
    ),
    undo=STOP_DHCP6C,
    observe=[capture("wan", only=_DHCP)],
)

# -- another prefix ------------------------------------------------------------------------------

renumber = lab.step(
    "renumber",
    "Give the customer another prefix",
    on="isp",
    run=renumber_kea("2001:db8:1000::", "2001:db8:2000::"),
    check=both(
        eventually(delegates(NEXT_POOL, hook=True)),
        routing.no_route("isp", DELEGATED),
    ),
    undo=renumber_kea("2001:db8:2000::", "2001:db8:1000::"),
)

flash = lab.step(
    "flash",
    "Restart the CPE's client",
    on="cpe",
    run=f"{STOP_DHCP6C}\n{commands.START_DHCP6C}",
    check=both(
        eventually(wan.delegated(NEXT_DELEGATED, NEXT_LAN), 8, on="cpe"),
        eventually(routing.hooked("isp", NEXT_DELEGATED), on="isp"),
    ),
    undo=STOP_DHCP6C,
    observe=[capture("wan", only=_DHCP)],
)

move = lab.task(
    "move",
    "Move the PC to the new prefix",
    on="cpe",
    about="The PC still prefers its address of the old prefix, which leads nowhere. Have radvd "
    "announce the new prefix, and take back the old one.",
    solution=commands.RADVD_MOVE,
    check=lan.moved("pc", LAN, NEXT_LAN, NEXT_PC),
    undo=commands.RADVD_BACK,
    observe=[capture("lan", only="icmp6")],
    hint=[
        (
            "What does the PC do with an address whose prefix is no longer mentioned? Nothing: it "
            "waits until its lifetime ends. It has to be told."
        ),
        (
            "An address whose preferred lifetime has ended is deprecated: it still works, but "
            "nothing new begins from it. radvd's AdvPreferredLifetime sets it."
        ),
        (
            "Two prefixes in /etc/radvd.conf: the old one with `AdvPreferredLifetime 0; "
            "AdvValidLifetime 7200;`, and the new one; then restart radvd."
        ),
    ],
)

# -- a whole /64 for one machine -----------------------------------------------------------------

attach = lab.step(
    "attach",
    "Attach another /64 of the prefix to the PC",
    on="pc",
    run=f"ip -6 route add local {ANYIP} dev lo",
    check=routing.attached("pc", ANYIP),
    undo=f"ip -6 route del local {ANYIP} dev lo",
)

anyip = lab.task(
    "anyip",
    "Lead that /64 to the PC",
    on="cpe",
    about="The ISP leads the whole /60 to the CPE. Make 2001:db8:2000:a::cafe answer the Internet.",
    solution=f"ip -6 route add {ANYIP} via {NEXT_PC}",
    check=routing.led_within(ANYIP, "2001:db8:2000:a::cafe", NEXT_PC),
    undo=f"ip -6 route flush {ANYIP}",
    hint=[
        "How far does the packet come? `traceroute -n 2001:db8:2000:a::cafe` on internet.",
        "The CPE needs a route for this /64. The next hop is the PC's address on the LAN.",
        "`ip -6 route add 2001:db8:2000:a::/64 via 2001:db8:2000:5::10`, on the CPE.",
    ],
)

# -- as it was -----------------------------------------------------------------------------------

then = lab.step(
    "then",
    "Ask as in 2016",
    on="cpe",
    run=commands.DHCLIENT,
    check=both(
        printed(r"^ *iaprefix 2001:db8:2000:\S*/60", "the delegated prefix"),
        printed(r"^addresses on lan0: 0$", "that lan0 has no address of it"),
    ),
    wrong="echo addresses on lan0: $(ip -6 -o address show dev lan0 scope global | wc -l)",
    observe=[capture("wan", only=_DHCP)],
)
