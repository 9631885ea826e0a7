"""The nodes and links on which the contracts of backends are shown."""

from labkernel.topology import Link, Node, Topology

CONTRACT_TOPOLOGY = Topology(
    "contract",
    (Node("alpha"), Node("bravo", forwards=True, memory=16)),
    (
        Link("lan", "alpha:eth0", "bravo:eth0", prefix=["2001:db8::/64", "192.0.2.0/24"]),
        Link("dmz", "bravo:eth1", "alpha:eth1", addresses={"alpha:eth1": ["2001:db8:1::53/64"]}),
    ),
)
