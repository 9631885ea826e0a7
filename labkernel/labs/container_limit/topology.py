"""The nodes and the link."""

from labkernel import Lab, Link, Node
from labkernel.needs import STREAMS

ENDPOINTS, PREFIX = 2000, "2001:db8:100::/64"

lab = Lab(
    "container-limit",
    title="The container limit: why the 1024th container on a bridge does not start",
    minutes=30,
    needs=[STREAMS],  # Docker's API
    nodes=[
        Node("client"),
        Node("host", image="docker", containers=True, forwards=True, memory=1024),
    ],
    links=[Link("lan", "client:eth0", "host:eth0", prefix="2001:db8:1::/64")],
)
