"""The nodes, the links, and the addresses that the lessons name."""

from labkernel import Lab, Link, Node

ON_LAN = "2001:db8::/64"
ROUTER = "2001:db8::1"
INTERNET = "2001:db8:f::1"
#: of the internet node, where IPv4 still is: the LAN has none
IPV4_ONLY = "198.51.100.1"

lab = Lab(
    "ipv6",
    title="IPv6: a router, two clients, and every packet between them",
    minutes=90,
    nodes=[
        Node("internet", image="ipv6"),
        Node("router", image="ipv6", forwards=True),
        Node("client", image="ipv6"),
        Node("switch", image="ipv6", switches=True),
        Node("laptop", image="ipv6"),
    ],
    links=[
        Link("wan", "internet:eth0", "router:eth0", prefix="2001:db8:f::/64"),
        Link(
            "lan",
            "router:eth1",
            "client:eth0",
            "switch:eth0",
            addresses={"router:eth1": [f"{ROUTER}/64"]},
        ),
        Link("desk", "switch:eth1", "laptop:eth0"),
    ],
    setup={
        "internet": f"ip -6 route replace {ON_LAN} via 2001:db8:f::2\n"
        f"ip address add {IPV4_ONLY}/24 dev eth0",
        "router": "ip address add 198.51.100.2/24 dev eth0",
    },
)

FIRST_LEASE, LAST_LEASE = "2001:db8::1000", "2001:db8::1fff"
#: the file to which Kea writes them
LEASES = "/var/lib/kea/leases6.csv"
DHCP = "udp port 546 or udp port 547"

NAME = "www.lab.example"

REPOSITORY_URL = f"http://{IPV4_ONLY}/Release"

PRINTER_ULA, PRINTER_IPV4 = "fd6b:1c2d:3e4f::1", "192.0.2.1"
CLIENT_ULA, CLIENT_IPV4 = "fd6b:1c2d:3e4f::10", "192.0.2.10"
