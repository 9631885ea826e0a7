"""The steps: a full bridge, a full engine, and ways past the limit."""

from labkernel.checks import both, eventually, printed
from labkernel.labs._docker import engine, image, settled
from labkernel.labs.container_limit.checks import (
    has_ports,
    is_port,
    measured,
    off_the_bridge,
    on_the_bridge,
    reaches_all,
    routed,
    states,
    still_full,
)
from labkernel.labs.container_limit.commands import START
from labkernel.labs.container_limit.topology import ENDPOINTS, PREFIX, lab
from labkernel.labs.container_limit.views import flood_table

fill = lab.step(
    "fill",
    "Fill a bridge",
    on="host",
    run="fill-bridge full",
    exits=1,
    timeout=120,
    check=both(
        printed(r"^port 1024: errno 54 \(EXFULL\): Exchange full$", "the kernel's error"),
        has_ports("full", 1023),
    ),
    undo="ip -batch <(ip -o link show master full | sed 's/^[0-9]*: \\(p[0-9]*\\)@.*/link del \\1/'"
    " | tail -n 3)",
    volatile=r"(?P<made>\d+) of them made in (?P<time>[\d.]+) s",
)

number = lab.step(
    "number",
    "Show the number of the last port",
    on="host",
    run="last=$(ls /sys/class/net/full/brif | sort -V | tail -n 1)\n"
    "cat /sys/class/net/full/brif/$last/port_no\n"
    "cat /sys/class/net/full/brif/$last/port_id",
    check=both(
        printed(r"^0x3ff$", "the number 1023, ten bits that are all 1"),
        printed(r"^0x83ff$", "priority and number, as the spanning tree sends them"),
    ),
    wrong="cat /sys/class/net/full/brif/p1/port_no",
)

room = lab.task(
    "room",
    "Free a port of the bridge",
    on="host",
    about="The bridge is full. Have the interface late, which is waiting, become a port of it, in "
    "place of one that nobody needs.",
    solution="ip link del p1\nip link add late type veth peer name late-peer\n"
    "ip link set late master full",
    check=is_port("late", "full"),
    undo="ip link del late\nip link add p1 type veth peer name q1\nip link set p1 master full",
    hint=[
        "There is no setting for it: it is a constant of the kernel.",
        "A number that is given back can be given out again. Which ports does nobody need?",
        (
            "`ip link del p1`, then `ip link add late type veth peer name late-peer` and `ip link "
            "set late master full`"
        ),
    ],
)

start = lab.step(
    "start",
    "Start the engine, and fill its bridge but for three ports",
    on="host",
    run=START,
    timeout=180,
    check=both(
        engine("host", "2001:db8:c::/64"),
        image("host", "box"),
        has_ports("docker0", 1020),
    ),
    undo="stop-dockerd\nip link del docker0\nip link add full type bridge",
    volatile=r"(?P<made>\d+) of them made in (?P<time>[\d.]+) s",
)

refused = lab.step(
    "refused",
    "Start four containers",
    on="host",
    run="docker rm --force c1 c2 c3 c4 2> /dev/null\n"
    "for n in 1 2 3 4; do docker run --detach --name c$n box; done\n"
    "docker ps --all --format '{{.Names}}: {{.State}}' | sort",
    check=both(
        printed(r"to bridge docker0 failed: exchange full", "the engine's own error"),
        states({"c1": "running", "c2": "running", "c3": "running", "c4": "created"}),
        eventually(settled("host")),
    ),
    undo="docker rm --force c1 c2 c3 c4",
    volatile=r"^(?P<container>[0-9a-f]{64})$|(?P<veth>veth[0-9a-f]{7})",
)

retry = lab.task(
    "retry",
    "Start the fourth container",
    on="host",
    about="c4 was created and could not be connected. Have it run; c2 and c3 must go on.",
    solution="docker rm --force c1\ndocker start c2 c3 c4",
    check=both(
        states({"c2": "running", "c3": "running", "c4": "running"}),
        on_the_bridge("c4"),
    ),
    undo="docker rm --force c4\ndocker run --detach --name c1 box\ndocker create --name c4 box",
    hint=[
        "`docker ps --all` shows it. What does it lack?",
        "A port of docker0, which some other container has to give back.",
        "`docker rm --force c1`, then `docker start c4`",
    ],
)

flooded = lab.step(
    "flooded",
    "Measure the cost of one broadcast",
    on="host",
    run="measure-flood 10 100 1023",
    timeout=180,
    check=measured(10, 100, 1023),
    wrong="measure-flood 10",
    volatile=r"(?P<arrived>\d+) arrived, (?P<time>[\d.]+) ms",
    view=flood_table,
)

another = lab.task(
    "another",
    "Start a container while docker0 is full",
    on="host",
    about="docker0 has no port left and must stay as it is. Have a container c5 run all the same.",
    solution="docker rm --force c5 2> /dev/null\ndocker network rm --force second\n"
    "docker network create second\ndocker run --detach --name c5 --network second box",
    check=both(states({"c5": "running"}), still_full("docker0"), off_the_bridge("c5")),
    undo="docker rm --force c5\ndocker network rm second",
    volatile=r"^(?P<id>[0-9a-f]{64})$",
    hint=[
        "The limit is 1,023 on one bridge. Who says that there is one bridge?",
        "Each network of Docker's has a bridge of its own.",
        "`docker network create second`, then `docker run --detach --name c5 --network second box`",
    ],
)

endpoints = lab.step(
    "endpoints",
    "Route 2,000 endpoints without a bridge",
    on="host",
    run=f"many-endpoints {ENDPOINTS} {PREFIX}",
    timeout=300,
    check=both(printed(rf"^{ENDPOINTS} endpoints", "that all were made"), routed(ENDPOINTS)),
    wrong="ip -6 route show | grep -c ' dev e[0-9]'",
    volatile=r"endpoints (?P<how>in [\d.]+ s|run already)",
)

lead = lab.task(
    "lead",
    "Route the endpoints' prefix on the client",
    on="client",
    about="Every endpoint has an address of 2001:db8:100::/64: ::1 to ::7d0. Have the client reach "
    "them all.",
    solution=f"ip -6 route replace {PREFIX} via 2001:db8:1::2",
    check=reaches_all(ENDPOINTS, PREFIX),
    undo=f"ip -6 route flush {PREFIX}",
    hint=[
        "Who has them, and does the client know the way?",
        "The host is 2001:db8:1::2 on the client's link, and forwards.",
        "`ip -6 route replace 2001:db8:100::/64 via 2001:db8:1::2`",
    ],
)

table = lab.step(
    "table",
    "Count the neighbour entries",
    on="host",
    run="ip ntable show name ndisc_cache | grep -o 'thresh3 [0-9]*' | head -n 1\n"
    "echo permanent: $(ip -6 neigh show nud permanent | grep -c ' dev e[0-9]')\n"
    "echo found: $(ip -6 neigh show | grep ' dev e[0-9]' | grep -vc PERMANENT)",
    check=both(
        printed(rf"^permanent: {ENDPOINTS}$", "a permanent neighbour for each endpoint"),
        printed(r"^found: 0$", "that none had to be found"),
    ),
    wrong="echo found: 0",
    volatile=r"thresh3 (?P<limit>\d+)",
)
