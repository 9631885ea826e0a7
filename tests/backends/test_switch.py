"""A node that is a switch, on real nodes."""

import os

import pytest

from labkernel import Lab, Link, Node, RunningLab, images
from labkernel.backends import make

pytestmark = pytest.mark.backend


def test_a_switch_joins_its_interfaces() -> None:
    """Nodes on both sides of a switch are neighbours, and the switch has no address."""
    images.build("base")
    lab = Lab(
        "switched",
        nodes=[Node("alpha"), Node("switch", switches=True), Node("bravo")],
        links=[
            Link("left", "alpha:eth0", "switch:p1", addresses={"alpha:eth0": ["2001:db8::1/64"]}),
            Link("right", "switch:p2", "bravo:eth0", addresses={"bravo:eth0": ["2001:db8::2/64"]}),
        ],
    )
    with RunningLab(
        lab, make("namespaces", instance=f"test-switched-{os.getpid()}", linger=0)
    ) as running:
        assert running.run("alpha", ["ping", "-c", "1", "-W", "5", "2001:db8::2"]).ok
        assert "inet6" not in running.run("switch", "ip -6 address show dev p1").output
