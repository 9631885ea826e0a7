"""The drill: a fault between a client and a name behind its router."""

from labkernel import Fault
from labkernel.labs.ipv6.checks.drilling import healthy
from labkernel.labs.ipv6.commands import START_RADVD
from labkernel.labs.ipv6.commands.default_router import LOUD
from labkernel.labs.ipv6.commands.drilling import GATEWAY, UNBOUND
from labkernel.labs.ipv6.steps.advertising import advertise
from labkernel.labs.ipv6.steps.default_router import silence
from labkernel.labs.ipv6.steps.naming import rdnss, resolver
from labkernel.labs.ipv6.topology import INTERNET, NAME, ON_LAN, lab

FAULTS = [
    Fault(
        "the router does not forward",
        inject={"router": "sysctl -q -w net.ipv6.conf.all.forwarding=0"},
        # its neighbours may have heard that it is none (the R flag of its Neighbor Advertisements,
        # RFC 4861, 7.2.5), and have no default route until it announces itself again
        fix={
            "router": "sysctl -q -w net.ipv6.conf.all.forwarding=1",
            "client": "rdisc6 -1 -q eth0",
            "laptop": "rdisc6 -1 -q eth0",
        },
        why="With net.ipv6.conf.all.forwarding at 0 it is a host: what is for others, it drops.",
        hints=(
            "How far do packets get? `tcpdump -n icmp6` on router and internet.",
            "They come in on the router and don't go out: is it a router? `sysctl -a | grep forw`.",
            (
                "It forwards, and still no reply comes? The client has heard that it was none, and "
                "has no default route until it hears it announced again: `rdisc6 -1 eth0` asks."
            ),
        ),
    ),
    Fault(
        "nobody announces the prefix",
        # its last word takes the resolver back, too: that is the symptom, once rdnssd has heard it
        inject={
            "router": advertise.undo,
            "client": "timeout 5 sh -c 'while grep -q :1$ /etc/resolv.conf; do sleep 0.02; done'",
        },
        fix={"router": START_RADVD},
        why="When radvd ends, it says so, and every node drops its default route at once.",
        hints=(
            "Which way do packets take? `ip -6 route` on the client.",
            "Nobody answers `rdisc6 -1 eth0`: what should run on the router?",
        ),
    ),
    Fault(
        "the router is announced with a lifetime of 0",
        inject={"router": silence.run},
        fix={"router": LOUD},
        why="Addresses are made of the prefix all the same, but nobody takes it for a way out.",
        hints=(
            "Which way do packets take? `ip -6 route` on the client.",
            "The router answers `rdisc6 -1 eth0`: read each line of it.",
        ),
    ),
    Fault(
        "the internet node has no route back",
        inject={"internet": f"ip -6 route del {ON_LAN}"},
        fix={"internet": f"ip -6 route replace {ON_LAN} via 2001:db8:f::2"},
        why="Requests arrived all the time; the replies had nowhere to go.",
        hints=(
            "How far do packets get? `tcpdump -n icmp6` on each node of the way.",
            f"They arrive at the internet node. Does it know the way to {ON_LAN}?",
        ),
    ),
    Fault(
        "the client does not listen to advertisements",
        inject={
            "client": "sysctl -q -w net.ipv6.conf.eth0.accept_ra=0\n"
            "ip -6 route del default dev eth0"
        },
        fix={"client": "sysctl -q -w net.ipv6.conf.eth0.accept_ra=1\nrdisc6 -1 -q eth0"},
        why="accept_ra was 0 on its eth0; the laptop, on the same link, was well.",
        hints=(
            "Is it the client alone, or the laptop as well?",
            "The router announces itself, the client is deaf: `sysctl -a | grep accept_ra`.",
        ),
    ),
    Fault(
        "the client has a wrong MAC address for the router",
        inject={
            "client": f"{GATEWAY}\n"
            "ip -6 neigh replace $gw lladdr 02:00:00:00:00:01 nud permanent dev eth0"
        },
        fix={"client": f"{GATEWAY}\nip -6 neigh del $gw dev eth0"},
        why="A permanent entry of the neighbour table is never asked for, and never corrected.",
        hints=(
            "Routes are right. To which MAC address do the frames go? `tcpdump -e`.",
            "`ip -6 neigh` on the client: compare it with the router's own `ip link`.",
        ),
    ),
    Fault(
        "the client has an unreachable route",
        inject={"client": f"ip -6 route add unreachable {INTERNET}/128"},
        fix={"client": f"ip -6 route del unreachable {INTERNET}/128"},
        why="The longest prefix wins, and a /128 is the longest.",
        hints=(
            "The client sends nothing at all. What does ping say?",
            f"`ip -6 route get {INTERNET}` on the client: which entry is taken?",
        ),
    ),
    Fault(
        "the client drops Neighbor Advertisements",
        inject={
            "client": "nft add table inet lost\n"
            "nft add chain inet lost input '{ type filter hook input priority 0; }'\n"
            "nft add rule inet lost input icmpv6 type nd-neighbor-advert drop\n"
            "ip -6 neigh flush dev eth0"
        },
        fix={"client": "nft delete table inet lost\nip -6 neigh flush dev eth0"},
        why="The client asked for the router's MAC address, and threw the answers away.",
        hints=(
            "`ip -6 neigh` on the client: who is FAILED?",
            "tcpdump sees the answers come in, before any filter: `nft list ruleset`.",
        ),
    ),
    Fault(
        "the resolver does not run",
        inject={"router": resolver.undo},
        fix={"router": UNBOUND},
        why="Without a name there is no address to send to; the way was right all the time.",
        hints=(
            f"Is it the way or the name? `ping {INTERNET}`, then `getent hosts {NAME}`.",
            "`cat /etc/resolv.conf` on the client: does anything listen there, on port 53?",
        ),
    ),
    Fault(
        "the resolver refuses the LAN",
        inject={
            "router": "sed -i 's/ allow$/ refuse/' /etc/unbound/lab.conf\n"
            f"{resolver.undo}\n{UNBOUND}"
        },
        fix={
            "router": "sed -i 's/ refuse$/ allow/' /etc/unbound/lab.conf\n"
            f"{resolver.undo}\n{UNBOUND}"
        },
        why="unbound answers only whom its access-control allows: else all the world may ask.",
        hints=(
            f"Is it the way or the name? `ping {INTERNET}`, then `getent hosts {NAME}`.",
            f"Ask the resolver from the client, `dig AAAA {NAME}`, and read its status.",
        ),
    ),
    Fault(
        "the client asks a resolver that isn't there",
        inject={"client": f"{rdnss.undo}\necho nameserver 2001:db8::53 > /etc/resolv.conf"},
        # rdnssd takes what comes after its start: it may have to be asked for twice
        fix={
            "client": f": > /etc/resolv.conf\n{rdnss.run}\n"
            "for i in 1 2 3; do grep -q :1$ /etc/resolv.conf || rdisc6 -1 -q eth0; done"
        },
        why="Somebody had written /etc/resolv.conf by hand, and stopped rdnssd.",
        hints=(
            f"Is it the way or the name? `ping {INTERNET}`, then `getent hosts {NAME}`.",
            "Whom does the client ask (/etc/resolv.conf), and whom does the router announce?",
        ),
    ),
]

drill = lab.drill(
    "Find the fault, and repair it",
    health=healthy,
    faults=FAULTS,
    prepare=[advertise, resolver, rdnss],
    about=f"Client and laptop reach {NAME}, by the router's advertisements. Then one thing "
    "breaks. Look at the nodes by `%%node`, find the cause, fix it where it is, and press Check.",
)
