"""The nodes, the links, and the addresses that the lessons name."""

from labkernel import Lab, Link, Node
from labkernel.labs._docker import SERVE_ADDRESS
from labkernel.needs import STREAMS

PREFIX, ADDRESS = "fd00::/64", "fd00::242:ac11:2"
SERVER = "2001:db8:f::1"

lab = Lab(
    "docker-nat",
    title="Docker behind NAT: IPv6 for containers, by one rule, and what that rule breaks",
    minutes=30,
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
