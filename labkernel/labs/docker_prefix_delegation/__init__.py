"""Docker with a delegated prefix: containers that the world reaches, without NAT.

After the code for the post on prefix delegation of 2016, whose hook gives Docker a part of the
prefix that the machine was delegated, and restarts the engine when it changes.
"""

from labkernel import Lab, Link, Node, capture
from labkernel.checks import both, eventually, printed
from labkernel.labs._commands import STOP_DHCP6C, STOP_KEA, renumber_kea
from labkernel.labs._docker import SERVE_ADDRESS, runs, settled
from labkernel.labs._kea import delegates
from labkernel.labs.docker_prefix_delegation import commands, delegating, proxying, reaching, ways
from labkernel.needs import STREAMS

SERVER = "2001:db8:f::1"
DELEGATED, NEXT_DELEGATED = "2001:db8:1000:8::/62", "2001:db8:2000:8::/62"
DOCKERS, NEXT_DOCKERS = "2001:db8:1000:8::/64", "2001:db8:2000:8::/64"
OWN = "2001:db8:1000:b::1"
WEB, NEXT_WEB = "2001:db8:1000:8:0:242:ac11:2", "2001:db8:2000:8:0:242:ac11:2"
_THREE = ("web", "near", "nearer")
NEAR, NEARER = "2001:db8:1000:0:d::10", "2001:db8:1000:0:d:e:0:10"

lab = Lab(
    "docker-prefix-delegation",
    title="Docker with a delegated prefix: containers that the world reaches, without NAT",
    needs=[STREAMS],  # Docker's API
    nodes=[
        Node("internet"),
        Node("isp", forwards=True),
        Node("cpe", image="ipv6", forwards=True),
        Node("host", image="docker", containers=True, forwards=True),
    ],
    links=[
        Link("core", "internet:eth0", "isp:eth0", prefix="2001:db8:f::/64"),
        Link("wan", "isp:eth1", "cpe:wan0", prefix="2001:db8:e::/64"),
        Link("lan", "cpe:lan0", "host:eth0", prefix="2001:db8:1000::/64"),
    ],
    setup={
        "internet": f"ip -6 route replace default via 2001:db8:f::2\n{SERVE_ADDRESS}",
        "isp": "ip -6 route add 2001:db8:1000::/60 via 2001:db8:e::2\n"
        "ip -6 route add 2001:db8:2000::/60 via 2001:db8:e::2",
        "cpe": "mkdir -p /run/kea /var/lib/kea /usr/share/kea/scripts\nchmod 750 /run/kea\n"
        "ip -6 route replace default via 2001:db8:e::1",
        "host": "ip -6 route replace default via 2001:db8:1000::1",
    },
)

# -- a prefix for the host -----------------------------------------------------------------------

serve = lab.step(
    "serve",
    "Have the CPE delegate a part of its prefix",
    on="cpe",
    run=commands.KEA,
    check=both(
        delegating.told_to_delegate("2001:db8:1000:8::"),
        eventually(delegates("2001:db8:1000:8::/61", True, "cpe", 62), 15),
    ),
    undo=f"{STOP_KEA}\nrm -f /etc/kea/kea-dhcp6.conf",
)

ask = lab.task(
    "ask",
    "Ask for a prefix from the host",
    on="host",
    about="The CPE delegates a /62: four networks. Have dhcp6c ask for it on eth0, and give the "
    "loopback interface lo the address ::1 in the last of the four, number 3. Its file is "
    "/etc/wide-dhcpv6/dhcp6c.conf.",
    solution=commands.CLIENT,
    check=both(delegating.asks("host"), eventually(delegating.delegated(DELEGATED, OWN), 8)),
    undo=STOP_DHCP6C,
    observe=[capture("lan", only="udp port 546 or udp port 547")],
    hint=[
        "`interface eth0` says what to send, `id-assoc pd 0` what to do with what comes.",
        "From /62 to /64 there are 2 bits: that is sla-len. The number of the network is sla-id.",
        (
            "`interface eth0 { send ia-pd 0; };` and `id-assoc pd 0 { prefix-interface lo { "
            "sla-id 3; sla-len 2; ifid 1; }; };`, then `dhcp6c -p /run/dhcp6c.pid eth0`."
        ),
    ],
)

# -- a part of it for Docker ---------------------------------------------------------------------

give = lab.task(
    "give",
    "Give Docker the first /64",
    on="host",
    about="Start the engine so that its containers get addresses of the first /64 of the "
    "delegated prefix.",
    solution=f"stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6={DOCKERS}",
    check=delegating.given("host", DELEGATED, DOCKERS),
    undo="stop-dockerd",
    hint=[
        "The /62 is 2001:db8:1000:8::/62. Which four /64s is that?",
        "8, 9, a and b. The last is on lo.",
        "`start-dockerd --ipv6 --fixed-cidr-v6=2001:db8:1000:8::/64`",
    ],
)

run = lab.step(
    "run",
    "Start a container",
    on="host",
    run="make-box > /dev/null\ndocker rm --force web 2> /dev/null\n"
    "docker run --detach --name web box",
    about=f"It gets {WEB}.",
    check=both(runs("host", "web", WEB), eventually(settled("host"))),
    undo="docker rm --force web\ndocker image rm box",
    volatile=r"^(?P<container>[0-9a-f]{64})$",
)

reach = lab.step(
    "reach",
    "Reach the container from the Internet",
    on="internet",
    run=f"curl -sS http://[{WEB}]/",
    check=both(printed("^It is a container", "its page"), reaching.untouched(WEB)),
    wrong=f"curl -sS http://[{SERVER}]/",
    observe=[capture("core", only="tcp port 80")],
)

seen = lab.step(
    "seen",
    "Ask the server whom it sees",
    on="host",
    run=f"docker exec web wget -q -T 3 -O - http://[{SERVER}]/",
    about=f"The container has {WEB}.",
    check=printed(rf"^You are {WEB}$", "the container's own address"),
    wrong=f"curl -s http://[{SERVER}]/",
)

# -- open to the world ---------------------------------------------------------------------------

second = lab.step(
    "second",
    "Start something in the container that is not for the world",
    on="host",
    run="docker restart web\ndocker exec web httpd -p 8081 -h /www",
    check=reaching.open_ports(WEB, 80, 8081),
    undo="docker restart web",
)

guard = lab.task(
    "guard",
    "Let in what is meant for the world",
    on="host",
    about="Without NAT everything is reachable, port 8081 as well. On the host, let in to the "
    "containers: port 80, ICMPv6, and answers to what they asked. Nothing else.",
    solution=commands.GUARD,
    check=reaching.guarded(WEB, SERVER),
    undo="ip6tables -F FORWARD",
    hint=[
        "The host forwards to the containers: the chain is FORWARD, and they are behind docker0.",
        (
            "First what belongs to a conversation that they began (conntrack: ESTABLISHED, "
            "RELATED), then ICMPv6, which IPv6 does not work without, then TCP to port 80; the "
            "last rule refuses the rest."
        ),
        "Four rules, each `ip6tables -A FORWARD -o docker0 …`; the last is `-j REJECT`.",
    ],
)

# -- another prefix ------------------------------------------------------------------------------

renumber = lab.step(
    "renumber",
    "Give the customer another prefix",
    on="cpe",
    run=renumber_kea("2001:db8:1000:8::", "2001:db8:2000:8::"),
    check=both(
        delegating.told_to_delegate("2001:db8:2000:8::"),
        eventually(delegates("2001:db8:2000:8::/61", True, "cpe", 62), 15),
        delegating.no_route("cpe", DELEGATED),
    ),
    undo=renumber_kea("2001:db8:2000:8::", "2001:db8:1000:8::"),
)

follow = lab.task(
    "follow",
    "Have Docker follow the new prefix",
    on="host",
    about="The host's client asks again when it is restarted, and gets another /62; Docker does "
    "not know of it. Write a script that gives Docker the first /64 of what was delegated, and "
    "run it after the client has asked.",
    solution=commands.FOLLOW,
    timeout=90,
    check=reaching.follows(NEXT_DELEGATED, NEXT_DOCKERS, NEXT_WEB),
    undo=commands.BACK,
    hint=[
        "Restart dhcp6c first: which address has lo then? The first /64 is three before it.",
        (
            "The engine takes its prefix when it starts: `stop-dockerd`, `start-dockerd --ipv6 "
            "--fixed-cidr-v6=…`, and `docker start web`."
        ),
        "By hand it is 2001:db8:2000:8::/64. The solution computes it with Python's ipaddress.",
    ],
)

# -- on the link ---------------------------------------------------------------------------------

on_link = lab.step(
    "on-link",
    "Give containers addresses of the LAN's own prefix",
    on="host",
    run=commands.ON_LINK,
    check=both(runs("host", "near", NEAR), eventually(settled("host", "onlink0"))),
    undo="docker rm --force near\ndocker network rm onlink",
    volatile=r"^(?P<id>[0-9a-f]{64})$",
)

silent = lab.step(
    "silent",
    "Ping that container from the CPE",
    on="cpe",
    run=f"ping -n -c 1 -W 1 {NEAR}",
    exits=1,
    check=proxying.unanswered(NEAR),
    wrong="ping -n -c 1 -W 1 2001:db8:1000::2 && exit 1",
    observe=[capture("lan", only="icmp6")],
)

proxy = lab.task(
    "proxy",
    "Answer for the container on the LAN",
    on="host",
    about="The CPE looks for 2001:db8:1000:0:d::10 among its neighbours, and nobody answers. Have "
    "the host answer in its place, by the kernel's own proxy.",
    solution=commands.PROXY,
    check=proxying.proxied(NEAR),
    undo=f"ip -6 neigh del proxy {NEAR} dev eth0\nsysctl -q -w net.ipv6.conf.eth0.proxy_ndp=0",
    hint=[
        "Two things: the interface must be a proxy at all, and it must know for which addresses.",
        "The switch is net.ipv6.conf.eth0.proxy_ndp, the list is `ip -6 neigh … proxy`.",
        f"`ip -6 neigh add proxy {NEAR} dev eth0`",
    ],
)

ndppd = lab.step(
    "ndppd",
    "Answer for a whole range, by ndppd",
    on="host",
    run=commands.NDPPD,
    check=both(
        runs("host", "nearer", NEARER),
        eventually(reaching.serves("cpe", NEARER), 10),
        proxying.not_listed(NEARER),
    ),
    undo=f"docker rm --force nearer\n{commands.STOP_NDPPD}",
    volatile=r"^(?P<container>[0-9a-f]{64})$",
)

more = lab.step(
    "more",
    "Give each container twenty more addresses",
    on="host",
    run=commands.MORE,
    check=both(proxying.has_more(*_THREE), eventually(proxying.usable(*_THREE))),
    undo=commands.LESS,
)

compare = lab.step(
    "compare",
    "Compare the three ways",
    on="cpe",
    run=ways.COMPARE,
    check=ways.compared(),
    wrong="echo routed: 20 of 20 answered",
    volatile=ways.VOLATILE,
    view=ways.table,
)
