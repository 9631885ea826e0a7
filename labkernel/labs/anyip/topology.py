"""The nodes, the links, and the prefixes that the server answers on."""

from labkernel import Lab, Link, Node

ROUTED = "2001:db8:100::/64"
ROUTED4 = "198.51.100.0/24"
ON_LINK = "2001:db8:2:0:8000::/65"
ON_LINK4 = "203.0.113.128/25"

lab = Lab(
    "anyip",
    title="AnyIP: one route, and a machine answers on a whole subnet",
    minutes=45,
    nodes=[
        Node("client", image="web"),
        Node("router", image="web", forwards=True),
        Node("server", image="web"),
    ],
    links=[
        Link("lan", "client:eth0", "router:eth0", prefix=["2001:db8:1::/64", "192.0.2.0/24"]),
        Link("rack", "router:eth1", "server:eth0", prefix=["2001:db8:2::/64", "203.0.113.0/24"]),
    ],
    setup={
        "client": "ip -6 route replace default via 2001:db8:1::2\n"
        "ip route replace default via 192.0.2.2",
        "router": f"ip route replace {ROUTED4} via 203.0.113.2",
        "server": "ip -6 route replace default via 2001:db8:2::1\n"
        "ip route replace default via 203.0.113.1",
    },
)
