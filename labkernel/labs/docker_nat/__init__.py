"""IPv6 for Docker's containers behind NAT: how the post did it, what that breaks, and what the
engine does by itself today.

After "IPv6 with Docker" and "IPv6 NAT with Docker" (2015): ``--ipv6 --fixed-cidr-v6=fd00::/64``,
and one rule of ip6tables.
"""

from labkernel import Lab, Link, Node, capture
from labkernel.checks import both, eventually, printed
from labkernel.labs._docker import SERVE_ADDRESS, engine, image, runs, settled
from labkernel.labs.docker_nat import checks, commands
from labkernel.needs import STREAMS

PREFIX, ADDRESS = "fd00::/64", "fd00::242:ac11:2"
SERVER = "2001:db8:f::1"

lab = Lab(
    "docker-nat",
    title="Docker behind NAT: IPv6 for containers, by one rule, and what that rule breaks",
    needs=[STREAMS],  # Docker's API
    nodes=[
        Node("internet"),
        Node("router", forwards=True),
        Node(
            "laptop",
            image="docker",
            containers=True,
            sysctls={"net.ipv6.conf.all.keep_addr_on_down": "1"},
        ),
        Node("later", image="docker-next", containers=True),
    ],
    links=[
        Link("core", "internet:eth0", "router:eth0", prefix="2001:db8:f::/64"),
        Link("home", "router:eth1", "laptop:eth0", "later:eth0", prefix="2001:db8:a::/64"),
        Link("cafe", "router:eth2", "laptop:eth1", prefix="2001:db8:b::/64"),
    ],
    setup={
        "internet": f"ip -6 route replace default via 2001:db8:f::2\n{SERVE_ADDRESS}",
        "laptop": "ip link set eth1 down\nip -6 route replace default via 2001:db8:a::1",
        "later": "ip -6 route replace default via 2001:db8:a::1",
    },
)

# -- the engine ----------------------------------------------------------------------------------

start = lab.step(
    "start",
    "Start the engine with a prefix for its containers",
    on="laptop",
    run="stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=fd00::/64",
    check=engine("laptop", PREFIX),
    undo="stop-dockerd",
)

box = lab.step(
    "box",
    "Make a container image from nothing",
    on="laptop",
    run="ls /usr/local/share/box /usr/local/share/box/bin\n"
    "make-box\n"
    "docker images --format 'table {{.Repository}}\\t{{.Tag}}\\t{{.Size}}'",
    check=image("laptop", "box"),
    undo="docker image rm box",
    volatile=r"sha256:(?P<digest>[0-9a-f]{64})",
)

run = lab.step(
    "run",
    "Start a container",
    on="laptop",
    run="docker rm --force web 2> /dev/null\ndocker run --detach --name web box\n"
    "docker exec web ip -6 address show dev eth0 scope global | grep inet6",
    check=both(runs("laptop", "web", ADDRESS), eventually(settled("laptop"))),
    about="The engine makes the address from the prefix and the container's MAC address: "
    "fd00::242:ac11:2.",
    undo="docker rm --force web",
    volatile=r"^(?P<container>[0-9a-f]{64})$|(?P<flags> flags \d+| tentative)",
)

# -- no way back ---------------------------------------------------------------------------------

lost = lab.step(
    "lost",
    "Ping the Internet from the container",
    on="laptop",
    run=f"docker exec web ping -c 1 -W 1 {SERVER}",
    about="The container has fd00::242:ac11:2; the step records what passes between the router and "
    "the Internet.",
    exits=1,
    check=checks.arrives_in_vain(ADDRESS, SERVER),
    wrong=f"ping -c 1 -W 1 {SERVER} && exit 1",
    observe=[capture("core", only="icmp6")],
)

masquerade = lab.task(
    "masquerade",
    "Have the laptop speak for its containers",
    on="laptop",
    about="The request arrives, and its reply has nowhere to go: nobody on the Internet has a "
    "route to fd00::/64. Let what comes from the containers leave with the laptop's own address.",
    solution=commands.RULE,
    check=checks.speaks_for("laptop", "2001:db8:a::2"),
    undo="ip6tables -t nat -F POSTROUTING",
    hint=[
        "It is what every home router does for IPv4. The table is called nat, here of ip6tables.",
        (
            "The source is changed when a packet leaves: the chain is POSTROUTING. Which packets? "
            "Those from fd00::/64 that don't go to docker0."
        ),
        "`ip6tables -t nat -A POSTROUTING -s fd00::/64 ! -o docker0 -j MASQUERADE`",
    ],
)

ask = lab.step(
    "ask",
    "Ask the server whom it sees",
    on="laptop",
    run=commands.ASK,
    check=printed(r"^You are 2001:db8:a::2$", "the laptop's address"),
    wrong="docker exec web wget -q -O - http://[::1]/",
    observe=[capture("core", only="tcp port 80")],
)

# -- what it breaks ------------------------------------------------------------------------------

call_back = lab.step(
    "call-back",
    "Call the container back",
    on="internet",
    run=f"curl -sS --max-time 3 http://[{ADDRESS}]/",
    exits=7,
    check=printed(r"^curl: \(7\) .*", "that there is no way to it"),
    wrong=f"curl -sS http://[{SERVER}]/",
    volatile=r"after (?P<dur>\d+) ms",
)

publish = lab.task(
    "publish",
    "Let one service in",
    on="laptop",
    about="Have port 8080 of the laptop lead to port 80 of the container, so that the Internet "
    "gets its page from http://[2001:db8:a::2]:8080/.",
    solution=commands.PUBLISH,
    check=checks.published("2001:db8:a::2", 8080, ADDRESS),
    undo="ip6tables -t nat -F PREROUTING",
    hint=[
        "Now the destination has to change, and before the laptop decides where the packet goes.",
        (
            "The chain is PREROUTING, the target DNAT. An IPv6 address with a port is written in "
            "brackets."
        ),
        (
            "`ip6tables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT "
            "--to-destination [fd00::242:ac11:2]:80`"
        ),
    ],
)

# -- a prefix of its own -------------------------------------------------------------------------

own = lab.task(
    "own",
    "Take a prefix that is yours alone",
    on="laptop",
    about="fd00::/64 is everybody's first idea: two networks that have it can't be joined. Restart "
    "the engine with a ULA whose Global ID is random, start the container again, and let the rule "
    "follow.",
    solution=commands.OWN_PREFIX,
    check=checks.own_prefix("laptop", "2001:db8:a::2"),
    undo=commands.OLD_PREFIX,
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
    "Take the laptop to the café",
    on="laptop",
    about="At home its cable is eth0; the café's network is on eth1, with the router "
    "2001:db8:b::1. Leave the one, join the other. The container must go on as it is.",
    solution=commands.TO_CAFE,
    check=checks.speaks_for("laptop", "2001:db8:b::2"),
    undo=commands.HOME,
    hint=[
        "Three things: one interface goes down, the other up, and then there is no default route.",
        "`ip link set eth0 down`, `ip link set eth1 up`. The router there is 2001:db8:b::1.",
        "`ip -6 route replace default via 2001:db8:b::1`",
    ],
)

# -- now -----------------------------------------------------------------------------------------

later = lab.step(
    "later",
    "Do the same with the engine of a later Debian",
    on="later",
    run=commands.LATER,
    check=both(
        checks.newer_than("later", 27),
        printed(r"^You are 2001:db8:a::3$", "the address of later"),
        eventually(checks.serves("2001:db8:a::3", 8080)),
    ),
    undo="docker rm --force web\nstop-dockerd",
    timeout=90,
    volatile=r"Docker (?P<version>[\d.+a-z]+) answers",
)

direct = lab.step(
    "direct",
    "Try the direct way to its container",
    on="router",
    run="ip -6 route replace fd00::/64 via 2001:db8:a::3\n"
    "curl -sS --max-time 1 http://[fd00::2]/\n"
    "curl -sS --max-time 3 http://[2001:db8:a::3]:8080/",
    exits=0,
    check=both(
        printed(r"^curl: \(28\) ", "that nothing comes back"),
        printed(r"^It is a container that answers", "the page by the published port"),
    ),
    undo="ip -6 route del fd00::/64",
    wrong="ip -6 route flush fd00::/64\ncurl -sS --max-time 3 http://[2001:db8:a::3]:8080/",
    volatile=r"after (?P<dur>\d+) milliseconds",
)
