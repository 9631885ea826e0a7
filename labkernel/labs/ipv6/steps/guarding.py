"""RA guard: a rogue router, and filters against it."""

from labkernel import capture
from labkernel.checks import eventually
from labkernel.labs.ipv6.checks.guarding import filtered, guarded, hijacked
from labkernel.labs.ipv6.commands.guarding import FILTER_PORT, GUARD, ROGUE, STOP_ROGUE
from labkernel.labs.ipv6.topology import lab

rogue = lab.step(
    "rogue",
    "Advertise a rogue router",
    on="laptop",
    run=ROGUE,
    check=eventually(hijacked, within=5, on="client"),
    undo=STOP_ROGUE,
    observe=[capture("lan", only="icmp6")],
)

guard = lab.task(
    "guard",
    "Filter rogue advertisements on the client",
    on="client",
    about="Have the client take no advertisement but the router's. The laptop isn't yours.",
    solution=GUARD,
    check=guarded,
    undo="nft flush ruleset\nrdisc6 -q -r 2 -w 1200 eth0 > /dev/null",
    hint=[
        "An advertisement is an ICMPv6 packet from a link-local address: a filter can tell them.",
        "`ip -6 route show default`: which is the router's? (ping -c 1 2001:db8::1; ip -6 neigh)",
        "A chain with hook input: `icmpv6 type nd-router-advert ip6 saddr != fe80::… drop`.",
        "What was learned before stays: delete the default route by the laptop.",
    ],
)

filter_port = lab.task(
    "filter-port",
    "Filter advertisements on the switch port",
    on="switch",
    about="The client is safe, nobody else is. The laptop's port is eth1 of the switch: have it "
    "take no advertisement there (RA guard, RFC 6105), and everything else as before.",
    solution=FILTER_PORT,
    check=filtered,
    undo="nft flush ruleset",
    hint=[
        "It is the same filter as the client's, in another place: by the port, not by the address.",
        "A switch has no addresses, it forwards frames: nft's family for that is `bridge`.",
        "`table bridge guard`, a chain with hook forward: `iifname eth1 icmpv6 type … drop`.",
    ],
)
