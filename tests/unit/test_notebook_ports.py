"""The ports of nodes in the picture: as declared, and as they are now."""

import json
from typing import Any

import pytest

from labkernel import Lab, Link, Node
from labkernel.notebook import diagram
from labkernel.notebook.layout import arrange
from labkernel.notebook.ports import Live, NodeNow, PortNow, Row, parsed, rows
from labkernel.topology import Topology

_ALPHA = "2001:db8::a/64"


def _topology() -> Topology:
    addresses = {"alpha:eth0": [_ALPHA]}
    links = [Link("lan", "alpha:eth0", "bravo:eth0", addresses=addresses)]
    return Lab("ports", [Node("alpha"), Node("bravo")], links).topology


def _now(*ports: PortNow, ended: bool = False) -> Live:
    return {"alpha": NodeNow({port.name: port for port in ports}, ended)}


def _shown(live: Live) -> list[tuple[str, str, str]]:
    def marks(row: Row) -> str:
        return " ".join(["cut"] * row.cut + ["new"] * row.new)

    return [(row.name, row.address, marks(row)) for row in rows(_topology(), "alpha", live)]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ({}, [("eth0", _ALPHA, "")]),
        (_now(ended=True), [("eth0", _ALPHA, "")]),
        (_now(PortNow("eth0", True, (_ALPHA, "fe80::1/64"))), [("eth0", _ALPHA, "")]),
        (_now(PortNow("eth0", True)), [("eth0", "", "")]),
        (_now(PortNow("eth0", False, (_ALPHA,))), [("eth0", _ALPHA, "cut")]),
        (_now(), [("eth0", "", "cut")]),
        (
            _now(PortNow("eth0", True, (_ALPHA, "2001:db8::5/128"))),
            [("eth0", _ALPHA, ""), ("", "2001:db8::5/128", "new")],
        ),
        (
            _now(
                PortNow("eth0", True, (_ALPHA,)),
                PortNow("docker0", True, ("fd00::1/64",)),
                PortNow("veth1", True),
            ),
            [("eth0", _ALPHA, ""), ("docker0", "fd00::1/64", "new")],
        ),
    ],
)
def test_what_is_shown(live: Live, expected: list[tuple[str, str, str]]) -> None:
    """A port has its addresses of now; new ones and what is down are marked; an interface that
    nobody declared is shown if it has an address; of an unknown node the declaration is shown."""
    assert _shown(live) == expected


def test_a_node_with_many_interfaces() -> None:
    """At most twelve lines are drawn, among them those on which wires end."""
    many = [PortNow(f"br{n}", True, (f"fd00:{n:x}::1/64",)) for n in range(1000)]
    shown = _shown(_now(*many, PortNow("eth0", True, (_ALPHA,))))
    assert len(shown) == 12
    assert shown[0][0] == "eth0"
    assert shown[-1] == ("", "and 990 more", "")


def _entry(**change: Any) -> dict[str, Any]:
    info = {"local": "2001:db8::a", "prefixlen": 64}
    return {"ifname": "eth0", "operstate": "UP", "addr_info": [info]} | change


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        (json.dumps([_entry()]), {"eth0": PortNow("eth0", True, (_ALPHA,))}),
        (json.dumps([_entry(operstate="DOWN")]), {"eth0": PortNow("eth0", False, (_ALPHA,))}),
        (json.dumps([_entry(ifname="lo")]), {}),
        ("", None),
        ("[1]", None),
        ('{"a": 1}', None),
        (json.dumps([_entry(addr_info=[{"local": "<script>", "prefixlen": 1}])]), None),
    ],
)
def test_what_a_node_prints_is_data(printed: str, found: dict[str, PortNow] | None) -> None:
    """Only interfaces with valid addresses are taken from it; of anything else nothing is."""
    assert parsed(printed) == found


def test_names_do_not_become_markup() -> None:
    """The name of an interface is text in the picture."""
    port = PortNow("<b>&", True, ("fd00::1/64",))
    svg = diagram.svg(_topology(), "up", live=_now(port))
    assert "&lt;b&gt;&amp;" in svg
    assert "<b>" not in svg


def test_the_picture_of_now() -> None:
    """A port that is down is drawn so, and its wire; a node that has ended says so."""
    down = diagram.svg(_topology(), "up", live=_now(PortNow("eth0", False)))
    assert 'class="lk-wire lk-cut"' in down
    assert "eth0 is down" in down
    ended = diagram.svg(_topology(), "up", live=_now(ended=True))
    assert 'class="lk-gone"' in ended
    assert ">ended</text>" in ended


def test_the_picture_of_now_in_words() -> None:
    """Who does not see the picture is told the addresses of now, and what is down or has ended."""
    new = PortNow("eth0", True, (_ALPHA, "2001:db8::5/128"))
    assert diagram.describe(_topology()).startswith(f"alpha is a host, eth0 has {_ALPHA}. bravo")
    told = [diagram.describe(_topology(), live) for live in (_now(new), _now(), _now(ended=True))]
    assert f"alpha is a host, eth0 has {_ALPHA} and 2001:db8::5/128." in told[0]
    assert "alpha is a host, eth0 is down." in told[1]
    assert "alpha is a host, which has ended." in told[2]


def test_nodes_keep_their_places() -> None:
    """More addresses make a node larger, and move none to another column."""
    topology = _topology()
    many = _now(PortNow("eth0", True, tuple(f"2001:db8::{n:x}/128" for n in range(1, 9))))
    declared, live = arrange(topology), arrange(topology, many)
    assert live.height > declared.height
    order = [box.name for box in sorted(declared.boxes, key=lambda box: box.x)]
    assert [box.name for box in sorted(live.boxes, key=lambda box: box.x)] == order
