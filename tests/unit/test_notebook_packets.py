"""Recorded packets in the page."""

import xml.etree.ElementTree as ET

import pytest

from labkernel.notebook import packets as page
from labkernel.notebook import sequence
from labkernel.observing import Recording
from labkernel.packets import Packet, read

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


def test_labels_are_whole_and_stay_in_the_picture() -> None:
    """A label of any length is written whole, in lines that are no longer than their arrow."""
    info = " ".join(f"word{number}" for number in range(60))
    packet = Packet(1, 0.0, ROUTER_MAC, "02:00:00:00:00:0c", info=info, kind="other")
    root = ET.fromstring(sequence.svg([packet], NAMES))
    labels = [e for e in root.iter("{http://www.w3.org/2000/svg}text") if "word" in (e.text or "")]
    assert " ".join(str(label.text) for label in labels) == f"other  {info}"
    between = [float(e.get("x1", 0)) for e in root.iter("{http://www.w3.org/2000/svg}line")]
    longest = max(len(str(label.text)) for label in labels)
    assert longest * 6.3 <= max(between) - min(between)
    assert all(float(label.get("y", 0)) > 20 for label in labels)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0"),
        (0.000_012, "12 µs"),
        (0.000_999_4, "999 µs"),
        (0.000_999_6, "1.00 ms"),
        (0.0134, "13.4 ms"),
        (0.4761, "476 ms"),
        (0.9996, "1.00 s"),
        (75.26, "75.3 s"),
        (1234.0, "1,234 s"),
    ],
)
def test_times_have_the_unit_that_shows_them(seconds: float, text: str) -> None:
    """No time but the first reads as nothing."""
    assert sequence.time_text(seconds) == text


def test_pictures_have_their_size_in_em(lab_figure: str) -> None:
    """Pictures, plots and those of saved cards grow with the letters of the page."""
    assert "em;max-width:100%" in page.html(recording(frame(RA)), "x", live=True)
    assert "em;max-width:100%" in page.html(recording(frame(RA)), "x")
    assert 'style="width:' in lab_figure
    assert "px" not in lab_figure.partition("style=")[2]


@pytest.fixture
def lab_figure() -> str:
    """A plot of 4 inches, as a card shows it."""
    from matplotlib.figure import Figure

    from labkernel.notebook import views

    figure = Figure(figsize=(4, 2))
    figure.add_subplot().plot([1, 2])
    return views.html(figure)
