"""A ULA of one's own, and a laptop that changes networks."""

from labkernel.labs.docker_nat.checks.moving import moved, own_prefix
from labkernel.labs.docker_nat.commands.moving import HOME, OLD_PREFIX, OWN_PREFIX, TO_CAFE
from labkernel.labs.docker_nat.topology import lab

own = lab.task(
    "own",
    "Choose a ULA prefix with a random Global ID",
    on="laptop",
    about="fd00::/64 is everybody's first idea: two networks that have it can't be joined. Restart "
    "the engine with a ULA whose Global ID is random, start the container again, and let the rule "
    "follow.",
    solution=OWN_PREFIX,
    check=own_prefix("laptop", "2001:db8:a::2"),
    undo=OLD_PREFIX,
    volatile=r"(?P<ula>\bfd[0-9a-f]{2}:[0-9a-f:]+[0-9a-f:](?:/\d+)?)",
    timeout=90,
    hint=[
        "A ULA is fd, then 40 random bits, then 16 bits for the subnet (RFC 4193, section 3.1).",
        (
            "Five random octets: `od -An -N5 -tx1 /dev/urandom`. With fd in front they are the "
            "first three groups of the prefix."
        ),
        (
            "`stop-dockerd`, `start-dockerd --ipv6 --fixed-cidr-v6=fdXX:XXXX:XXXX::/64`, `docker "
            "start web`, then a MASQUERADE rule for that prefix."
        ),
    ],
)

move = lab.task(
    "move",
    "Move the laptop to the café's network",
    on="laptop",
    about="At home its cable is eth0; the café's network is on eth1, with the router "
    "2001:db8:b::1. Leave the one, join the other. The container must go on as it is.",
    solution=TO_CAFE,
    check=moved("laptop", "eth0", "2001:db8:b::2"),
    undo=HOME,
    hint=[
        "Three things: one interface goes down, the other up, and then there is no default route.",
        "`ip link set eth0 down`, `ip link set eth1 up`. The router there is 2001:db8:b::1.",
        "`ip -6 route replace default via 2001:db8:b::1`",
    ],
)
