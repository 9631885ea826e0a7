"""A topology becomes netlink messages; pyroute2 reads them back."""

from typing import Any

import pytest
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

from labkernel.backends.namespaces import netlink, network
from labkernel.topology import Link, Node, Topology

_LAB = Topology(
    "lab",
    (Node("alpha"), Node("bravo")),
    (
        Link("lan", "alpha:eth0", "bravo:eth0", prefix=["2001:db8::/64", "192.0.2.0/24"]),
        Link("wan", "bravo:eth1", "alpha:eth1"),
    ),
)


def _read(kind: type, data: bytes) -> Any:
    message = kind(data)
    message.decode()
    return message


def test_a_bridge_for_every_link() -> None:
    """Every link becomes a bridge that is up."""
    made = [_read(ifinfmsg, data) for data in network.bridges(_LAB)]
    assert [m.get_attr("IFLA_IFNAME") for m in made] == ["br0", "br1"]
    assert all(m["flags"] & network.IFF_UP for m in made)
    assert len({m["index"] for m in made}) == 2


def test_a_wire_for_every_port() -> None:
    """Every port becomes a veth pair: one end on its link's bridge, the other for the node."""
    bridges = {m["index"] for m in (_read(ifinfmsg, data) for data in network.bridges(_LAB))}
    wires = [_read(ifinfmsg, data) for data in network.wires(_LAB, "bravo")]
    assert {wire.get_attr("IFLA_MASTER") for wire in wires} == bridges
    peers = [
        wire.get_attr("IFLA_LINKINFO").get_attr("IFLA_INFO_DATA").get_attr("VETH_INFO_PEER")
        for wire in wires
    ]
    names = [(peer["index"], peer.get_attr("IFLA_IFNAME")) for peer in peers]
    assert names == [(2, "eth0"), (3, "eth1")]
    assert [peer.get_attr("IFLA_ADDRESS") for peer in peers] == [
        port.mac for port in _LAB.ports_of("bravo")
    ]


def test_addresses_without_duplicate_detection() -> None:
    """A node's addresses, its link-local ones first, need no duplicate address detection."""
    messages = network.configuration(_LAB.ports_of("alpha"))
    found = [_read(ifaddrmsg, data) for data in messages if data[4] == network.RTM_NEWADDR]
    told = [(m["index"], m.get_attr("IFA_ADDRESS"), m["prefixlen"]) for m in found]
    local = [str(port.link_local.ip) for port in _LAB.ports_of("alpha")]
    assert told == [
        (2, local[0], 64),
        (2, "2001:db8::1", 64),
        (2, "192.0.2.1", 24),
        (3, local[1], 64),
    ]
    assert all(m["flags"] & network.IFA_F_NODAD for m in found if m["family"] == 10)


def test_process_is_filled_in() -> None:
    """A veth's message names the process whose namespace its end goes to."""
    (data,) = network.wires(Topology("lab", _LAB.nodes, _LAB.links[:1]), "alpha")
    wire = _read(ifinfmsg, netlink.to_process(data, 4711))
    peer = wire.get_attr("IFLA_LINKINFO").get_attr("IFLA_INFO_DATA").get_attr("VETH_INFO_PEER")
    assert peer.get_attr("IFLA_NET_NS_PID") == 4711
    with pytest.raises(ValueError, match="once"):
        netlink.to_process(netlink.to_process(data, 4711), 4711)


def test_messages_of_a_buffer() -> None:
    """Messages that were joined come apart again."""
    messages = network.configuration(_LAB.ports)
    assert netlink.split(b"".join(messages)) == messages
