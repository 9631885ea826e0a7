"""The nodes, the links, and the prefixes and addresses that the steps name."""

from labkernel import Lab, Link, Node

POOL, NEXT_POOL = "2001:db8:1000::/48", "2001:db8:2000::/48"
DELEGATED, NEXT_DELEGATED = "2001:db8:1000::/60", "2001:db8:2000::/60"
LAN, NEXT_LAN = "2001:db8:1000:5::/64", "2001:db8:2000:5::/64"
PC, NEXT_PC = "2001:db8:1000:5::10", "2001:db8:2000:5::10"
ANYIP = "2001:db8:2000:a::/64"
#: the filter for packets of DHCPv6
DHCP = "udp port 546 or udp port 547"

lab = Lab(
    "prefix-delegation",
    title="Prefix delegation: a router asks for a prefix, and every link gets a /64",
    minutes=40,
    nodes=[
        Node("internet", image="ipv6"),
        Node("isp", image="ipv6", forwards=True),
        Node("cpe", image="ipv6", forwards=True),
        Node("pc", image="ipv6"),
    ],
    links=[
        Link("core", "internet:eth0", "isp:eth0", prefix="2001:db8:f::/64"),
        Link("wan", "isp:eth1", "cpe:wan0", addresses={"isp:eth1": ["2001:db8:e::1/64"]}),
        Link("lan", "cpe:lan0", "pc:eth0"),
    ],
    setup={
        "internet": "ip -6 route replace default via 2001:db8:f::2",
        "isp": "mkdir -p /run/kea /var/lib/kea /usr/share/kea/scripts\nchmod 750 /run/kea",
        "pc": "ip token set ::10 dev eth0",
    },
)
