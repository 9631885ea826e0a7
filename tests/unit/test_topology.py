"""Topologies fit together, or are refused with a sentence that names what does not."""

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkernel.errors import TopologyError
from labkernel.topology import Link, Node, Port, Topology


def _lab(*links: Link) -> Topology:
    return Topology("lab", (Node("alpha"), Node("bravo")), links)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Node("Alpha"), "node name 'Alpha' is not a host name"),
        (lambda: Node("alpha", memory=0), "memory=0: give MiB"),
        (lambda: Node("alpha", disk=-1), "disk=-1: give GiB, or 0"),
        (lambda: Link("lan", "alpha:eth0"), 'link "lan" joins 1 interface'),
        (lambda: Link("lan", "alpha", "bravo:eth0"), "names 'alpha': write \"node:interface\""),
        (lambda: Link("lan", "alpha:eth0", "alpha:eth0"), "names an interface twice"),
        (lambda: Link("lan", "alpha:interface-too-long", "bravo:eth0"), 'write "node:interface"'),
        (
            lambda: Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::1/64"),
            "link \"lan\" has prefix '2001:db8::1/64'.*has host bits set",
        ),
        (
            lambda: Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/129"),
            "link \"lan\" has prefix '2001:db8::/129'",
        ),
        (
            lambda: Link("lan", "alpha:eth0", "bravo:eth0", addresses={"alpha:eth0": ["::1"]}),
            "link \"lan\" has address '::1': the prefix length is missing",
        ),
        (
            lambda: Link("lan", "alpha:eth0", "bravo:eth0", addresses={"x:eth0": []}),
            "gives addresses to 'x:eth0', which it does not join",
        ),
        (
            lambda: Link("lan", "alpha:eth0", "bravo:eth0", "charlie:eth0", prefix="192.0.2.0/30"),
            'link "lan" has no address left in 192.0.2.0/30 for interface 3',
        ),
        (
            lambda: _lab(Link("lan", "alpha:eth0", "charlie:eth0")),
            'link "lan" names node "charlie", which is not in the lab; nodes: alpha, bravo',
        ),
        (
            lambda: _lab(
                Link("lan", "alpha:eth0", "bravo:eth0"), Link("wan", "alpha:eth0", "bravo:eth1")
            ),
            'lab "lab" has two interfaces named "alpha:eth0"',
        ),
        (
            lambda: _lab(
                Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/64"),
                Link("wan", "alpha:eth1", "bravo:eth1", prefix="2001:db8::/64"),
            ),
            "address 2001:db8::1 is given to alpha:eth0 and to alpha:eth1",
        ),
        (lambda: Topology("lab", (Node("a"), Node("a"))), 'lab "lab" has two nodes named "a"'),
        (lambda: Topology("lab", ()), 'lab "lab" has no node'),
        (lambda: Topology("My Lab", (Node("a"),)), "lab name 'My Lab' is not a name"),
        (
            lambda: _lab().node("zulu"),
            'lab "lab" has no node "zulu"; nodes: alpha, bravo',
        ),
    ],
)
def test_refuses(make: Callable[[], object], sentence: str) -> None:
    """A declaration that contradicts itself is refused with what, where and what to try."""
    with pytest.raises(TopologyError, match=sentence):
        make()


def test_addresses_in_the_order_of_the_interfaces() -> None:
    """A link's prefixes give the host addresses 1, 2, 3, and further addresses come after them."""
    link = Link(
        "lan",
        "bravo:eth0",
        "alpha:eth0",
        prefix=["2001:db8::/64", "192.0.2.0/24"],
        addresses={"alpha:eth0": ["2001:db8::53/64"]},
    )
    bravo, alpha = _lab(link).ports
    assert [str(a) for a in bravo.addresses] == ["2001:db8::1/64", "192.0.2.1/24"]
    assert [str(a) for a in alpha.addresses] == [
        "2001:db8::2/64",
        "192.0.2.2/24",
        "2001:db8::53/64",
    ]


def test_interface_numbers_begin_at_two() -> None:
    """A node's interfaces are numbered from 2 in the order of the links; 1 is the loopback."""
    lab = _lab(Link("lan", "alpha:eth0", "bravo:eth0"), Link("wan", "bravo:eth1", "alpha:eth1"))
    assert [(p.name, p.index) for p in lab.ports_of("bravo")] == [("eth0", 2), ("eth1", 3)]


def test_a_switch_is_no_router() -> None:
    """A node that is declared to be both is refused."""
    with pytest.raises(TopologyError, match="a router and a switch"):
        Node("alpha", forwards=True, switches=True)


def test_a_link_goes_on_behind_a_switch() -> None:
    """What switches join is one link, whose interfaces are the other nodes'."""
    lab = Topology(
        "lab",
        (Node("alpha"), Node("one", switches=True), Node("two", switches=True), Node("bravo")),
        (
            Link("a", "alpha:eth0", "one:p1"),
            Link("b", "one:p2", "two:p1"),
            Link("c", "two:p2", "bravo:eth0"),
            Link("d", "alpha:eth1", "bravo:eth1"),
        ),
    )
    for link in "abc":
        assert [f"{p.node}:{p.name}" for p in lab.on_link(link)] == ["alpha:eth0", "bravo:eth0"]
    assert [f"{p.node}:{p.name}" for p in lab.on_link("d")] == ["alpha:eth1", "bravo:eth1"]


def test_digest_follows_the_declaration() -> None:
    """The digest is the same for the same declaration, and changes with each part of it."""
    plain = _lab(Link("lan", "alpha:eth0", "bravo:eth0"))
    assert plain.digest() == _lab(Link("lan", "alpha:eth0", "bravo:eth0")).digest()
    others = [
        _lab(),
        _lab(Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/64")),
        Topology("lab", (Node("alpha"), Node("bravo", forwards=True)), plain.links),
        Topology("lab", (Node("alpha"), Node("bravo", switches=True)), plain.links),
        Topology("lab", (Node("alpha"), Node("bravo", sysctls={"a.b": "1"})), plain.links),
        Topology("lab", (Node("alpha"), Node("bravo", image="web")), plain.links),
    ]
    assert len({plain.digest(), *(other.digest() for other in others)}) == 1 + len(others)


@given(count=st.integers(2, 60), length=st.integers(100, 120))
def test_any_number_of_interfaces(count: int, length: int) -> None:
    """Every interface gets an address of its own in the prefix and a unicast MAC of its own."""
    ends = [f"n{number}:eth0" for number in range(count)]
    nodes = tuple(Node(f"n{number}") for number in range(count))
    network = ipaddress.ip_network(f"2001:db8::/{length}")
    lab = Topology("lab", nodes, (Link("lan", *ends, prefix=str(network)),))
    addresses = {address.ip for port in lab.ports for address in port.addresses}
    assert len(addresses) == count
    assert all(address in network for address in addresses)
    macs = {port.mac for port in lab.ports}
    assert len(macs) == count
    assert all(int(mac[:2], 16) & 3 == 2 for mac in macs)


def test_link_local_address_of_a_mac() -> None:
    """The modified EUI-64 of RFC 4291, appendix A."""
    port = Port("alpha", "eth0", "lan", 2, "34:56:78:9a:bc:de", ())
    assert str(port.link_local) == "fe80::3656:78ff:fe9a:bcde/64"


def test_what_a_cable_joins() -> None:
    """A link of two interfaces is one cable; where it joins more, each has its own to a switch."""
    nodes = (Node("alpha"), Node("bravo"), Node("charlie"))
    wire = Link("wire", "alpha:eth0", "bravo:eth0")
    lan = Link("lan", "alpha:eth1", "bravo:eth1", "charlie:eth0")
    lab = Topology("lab", nodes, (wire, lan))
    assert [port.node for port in lab.cable("bravo", "eth0")] == ["alpha", "bravo"]
    assert [port.node for port in lab.cable("bravo", "eth1")] == ["bravo"]
    with pytest.raises(TopologyError, match='no interface "eth1"; interfaces: eth0'):
        lab.cable("charlie", "eth1")
