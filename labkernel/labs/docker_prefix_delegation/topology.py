"""The nodes, the links, and the addresses that the lessons name."""

from labkernel import Lab, Link, Node
from labkernel.labs._docker import SERVE_ADDRESS
from labkernel.needs import STREAMS

SERVER = "2001:db8:f::1"
DELEGATED, NEXT_DELEGATED = "2001:db8:1000:8::/62", "2001:db8:2000:8::/62"
DOCKERS, NEXT_DOCKERS = "2001:db8:1000:8::/64", "2001:db8:2000:8::/64"
OWN = "2001:db8:1000:b::1"
WEB, NEXT_WEB = "2001:db8:1000:8:0:242:ac11:2", "2001:db8:2000:8:0:242:ac11:2"
NEAR, NEARER = "2001:db8:1000:0:d::10", "2001:db8:1000:0:d:e:0:10"

lab = Lab(
    "docker-prefix-delegation",
    title="Docker with a delegated prefix: containers that the world reaches, without NAT",
    minutes=45,
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
