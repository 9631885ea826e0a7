"""Recorded packets in the page."""

import xml.etree.ElementTree as ET

import pytest

from labkernel.notebook import packets as page
from labkernel.notebook import sequence
from labkernel.packets import Packet, read
from labkernel.recording import Recording

from .test_packets import NA, NS_DAD, RA, REPLY, ROUTER, ROUTER_MAC, frame, pcap

NAMES = {ROUTER: "router", ROUTER_MAC: "router", "02:00:00:00:00:0c": "client"}


def recording(*frames: bytes, **more: object) -> Recording:
    return Recording("router:eth1", "lan", pcap(*frames), names=NAMES, **more)  # type: ignore[arg-type]


def test_all_parts() -> None:
    """Picture, table, origin of each address that was given, and the file."""
    given = (("client", "eth0", "2001:db8::abcd/64"), ("router", "eth1", "2001:db8::1/64"))
    html = page.html(recording(frame(RA), frame(REPLY, 17), addresses=given), "the-step")
    assert "Packets on lan" in html
    assert "data:image/svg+xml;base64," in html
    assert "announces 2001:db8::/64 with the A flag" in html
    assert "router eth1" not in html
    assert 'download="the-step.pcap"' in html
    assert "2 packets, decoded" in html


def test_a_live_picture_is_part_of_the_page() -> None:
    """In a page the picture is no image, so that it follows the page's theme."""
    html = page.html(recording(frame(RA)), "x", live=True)
    assert "<svg" in html
    assert "data:image" not in html


def test_no_packets() -> None:
    """A recording without packets says so."""
    assert page.html(recording(), "x") == "<p>No packets on lan, at router:eth1.</p>"


def test_a_large_file_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pcap file that is too large for the page is named with its size instead."""
    monkeypatch.setattr(page, "LARGEST", 10)
    assert "too large" in page.html(recording(frame(RA)), "x")


def test_markup_in_a_packet_stays_text() -> None:
    """What a packet says is never markup."""
    packet = Packet(1, 0.0, ROUTER_MAC, "33:33:00:00:00:01", info="<script>", kind="other")
    assert "<script>" not in sequence.svg([packet], NAMES)


def test_equal_packets_are_one_arrow() -> None:
    """Equal packets that follow one another are one arrow with their count."""
    drawn = sequence.arrows(read(pcap(frame(NA), frame(NA), frame(RA), frame(NA))), NAMES)
    assert [(arrow.packet.kind, arrow.count) for arrow in drawn] == [
        ("NA", 2),
        ("RA", 1),
        ("NA", 1),
    ]


def test_the_picture_is_xml_with_a_description() -> None:
    """The SVG is well-formed, is bounded, and says in words what it shows."""
    many = [frame(each) for _ in range(30) for each in (RA, NS_DAD)]
    root = ET.fromstring(sequence.svg(read(pcap(*many)), NAMES))
    words = " ".join(root.itertext())
    assert "router to all: RA  2001:db8::/64" in words
    assert "… and 20 more" in words
