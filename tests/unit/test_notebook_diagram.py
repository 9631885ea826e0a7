"""The picture of a topology: nothing overlaps, nothing is missing, and it says so in words."""

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkernel import Link, Node, Topology
from labkernel.notebook.diagram import describe, svg, table
from labkernel.notebook.layout import Box, arrange

ROLES: tuple[dict[str, Any], ...] = ({}, {"forwards": True}, {"switches": True})
SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    """2 to 12 nodes, joined by links of 2 to 6 interfaces; not all nodes need be joined."""
    count = draw(st.integers(2, 12))
    nodes = [
        Node(f"n{number}", kernel=draw(st.booleans()), **draw(st.sampled_from(ROLES)))
        for number in range(count)
    ]
    joined = st.lists(st.integers(0, count - 1), min_size=2, max_size=min(count, 6), unique=True)
    links = [
        Link(
            f"l{number}",
            *(f"n{end}:e{number}" for end in ends),
            prefix=f"2001:db8:{number}::/64" if draw(st.booleans()) else (),
        )
        for number, ends in enumerate(draw(st.lists(joined, max_size=8)))
    ]
    return Topology("drawn", tuple(nodes), tuple(links))


@pytest.fixture
def chain() -> Topology:
    return Topology(
        "chain",
        (Node("client"), Node("router", forwards=True), Node("server", kernel=True)),
        (
            Link("lan", "client:eth0", "router:eth0", prefix="2001:db8:1::/64"),
            Link("dmz", "router:eth1", "server:eth0", prefix=["2001:db8:2::/64", "10.2.0.0/24"]),
        ),
    )


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have a point in common."""
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@settings(max_examples=60)
@given(topologies())
def test_no_box_overlaps_another_or_leaves_the_picture(topology: Topology) -> None:
    """Whatever the topology is, every node and link has a place of its own in the picture."""
    layout = arrange(topology)
    assert len(layout.boxes) == len(topology.nodes) + len(topology.links)
    for one, other in combinations(layout.boxes, 2):
        assert not overlap(one, other)
    for box in layout.boxes:
        assert 0 <= box.x < box.x + box.width <= layout.width
        assert 0 <= box.y < box.y + box.height <= layout.height


@settings(max_examples=60)
@given(topologies())
def test_wires_join_neighbouring_columns(topology: Topology) -> None:
    """A wire runs through no box: it crosses only the gap between its node and its link."""
    layout = arrange(topology)
    assert len(layout.wires) == len(topology.ports)
    for wire in layout.wires:
        left, right = sorted((wire.start[0], wire.end[0]))
        upper, lower = sorted((wire.start[1], wire.end[1]))
        around = Box("wire", "", left + 1, upper, right - left - 2, lower - upper + 0.1)
        ends = {wire.port.node, wire.port.link}
        assert not any(overlap(around, box) for box in layout.boxes if box.name not in ends)


@settings(max_examples=30)
@given(topologies())
def test_picture_is_the_same_each_time(topology: Topology) -> None:
    """The same topology gives the same SVG, which is well-formed."""
    assert svg(topology) == svg(topology)
    ET.fromstring(svg(topology))


def test_chain_reads_from_left_to_right(chain: Topology) -> None:
    """A chain stands in a row, in its order, the first node on the left."""
    boxes = {box.name: box for box in arrange(chain).boxes}
    order = ["client", "lan", "router", "dmz", "server"]
    assert all(boxes[a].x < boxes[b].x for a, b in pairwise(order))
    assert len({round(boxes[name].middle / 20) for name in order}) <= 2


def test_everything_is_written_in_the_picture(chain: Topology) -> None:
    """Names, addresses, prefixes and roles stand in the picture as text."""
    texts = [element.text for element in ET.fromstring(svg(chain)).iter(f"{SVG}text")]
    for text in ("client", "router", "host, VM", "eth1", "2001:db8:2::2/64", "10.2.0.0/24", "lan"):
        assert text in texts


def test_picture_has_a_name_and_a_description(chain: Topology) -> None:
    """A screen reader gets a name with the state, and all that the picture says."""
    root = ET.fromstring(svg(chain, "up"))
    assert (root.get("role"), root.get("aria-label")) == (
        "img",
        "Topology of the lab chain, up",
    )
    said = root.findtext(f"{SVG}desc") or ""
    assert "router is a router, eth0 has 2001:db8:1::2/64" in said
    assert "server is a host with a kernel of its own" in said
    assert "Link lan (2001:db8:1::/64) joins client:eth0 and router:eth0." in said
    assert said == describe(chain)


def test_lit_node_is_marked(chain: Topology) -> None:
    """The current step's node is marked, and only that one."""
    groups = ET.fromstring(svg(chain, lit="server")).iter(f"{SVG}g")
    lit = [group.get("data-node") for group in groups if group.get("class") == "lk-lit"]
    assert lit == ["server"]


def test_table_lists_every_address(chain: Topology) -> None:
    """The text form has a line for each address."""
    assert table(chain).splitlines() == [
        "client  host    eth0  on lan  2001:db8:1::1/64",
        "router  router  eth0  on lan  2001:db8:1::2/64",
        "                eth1  on dmz  2001:db8:2::1/64",
        "                              10.2.0.1/24",
        "server  host    eth0  on dmz  2001:db8:2::2/64",
        "                              10.2.0.2/24",
    ]
