"""The packets that a step recorded, in the page: picture, table, origins, and the pcap file."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from labkernel import picture
from labkernel.notebook import sequence
from labkernel.observing.recording import PACKETS, Recording
from labkernel.packets import Packet, origin
from labkernel.packets.table import row

ROWS = 200
"""Rows of the table."""
LARGEST = 1 << 18
"""Octets of a pcap file that is put into the page."""


def html(recording: Recording, name: str, live: bool = False) -> str:
    """The HTML of a recording.

    :param name: the name of the file that "Download pcap" saves.
    :param live: whether the picture is inline and follows the page's theme; otherwise it is an
        image.
    """
    packets = recording.packets
    if not packets:
        return f"<p>No packets on {escape(recording.link)}, at {escape(recording.at)}.</p>"
    where = f"<strong>Packets on {escape(recording.link)}</strong>"
    parts = [
        f"<p>{where}, recorded at {escape(recording.at)}</p>",
        _picture(recording, live),
        _origins(recording),
        f"<details><summary>{_count(packets)}, decoded</summary>{_table(recording)}</details>",
        _full(recording),
        _download(recording, name),
    ]
    return "".join(parts)


def _count(packets: Sequence[Packet]) -> str:
    return f"{len(packets)} packet{'s' if len(packets) != 1 else ''}"


def _picture(recording: Recording, live: bool) -> str:
    svg, width = sequence.picture(recording.packets, recording.names)
    if live:
        return picture.drawn(svg, width, sequence.LETTER)
    data = base64.b64encode(svg.encode()).decode()
    size = picture.style(width, sequence.LETTER)
    return picture.image(data, "image/svg+xml", "The packets in their order", size)


def _rows(tag: str, lines: Iterable[Iterable[str]]) -> str:
    return "".join(
        "<tr>"
        + "".join(f'<{tag} class="lk-text">{escape(cell)}</{tag}>' for cell in line)
        + "</tr>"
        for line in lines
    )


def _table(recording: Recording) -> str:
    head = _rows("th", [("No.", "Time", "From", "To", "Message", "Details")])
    lines = []
    for packet in recording.packets[:ROWS]:
        time, *rest = row(packet, recording.names)
        lines.append((str(packet.number), sequence.time_text(time), *map(str, rest)))
    table = f"<table><thead>{head}</thead><tbody>{_rows('td', lines)}</tbody></table>"
    left = len(recording.packets) - ROWS
    return table + (f"<p>… and {left} more, in the pcap file.</p>" if left > 0 else "")


def _origins(recording: Recording) -> str:
    """The packets that configured the nodes' addresses."""
    lines = []
    for node, interface, address in recording.addresses:
        own = {each for each, name in recording.names.items() if name == node and _is_mac(each)}
        found = origin(recording.packets, address, own)
        # the router's address in the prefix that it announces itself came otherwise
        if found and found.packet.mac_source not in own:
            lines.append((f"{node} {interface}", address, found.how, found.why))
    if not lines:
        return ""
    head = _rows("th", [("Node", "Address", "By", "Which packet gave this address")])
    return f"<table><thead>{head}</thead><tbody>{_rows('td', lines)}</tbody></table>"


def _is_mac(address: str) -> bool:
    return len(address) == 17 and address.count(":") == 5


def _full(recording: Recording) -> str:
    return f"<p>It ended at {PACKETS:,} packets.</p>" if recording.full else ""


def _download(recording: Recording, name: str) -> str:
    if len(recording.pcap) > LARGEST:
        size = f"{len(recording.pcap) / 1024:,.0f} KiB"
        return f"<p>The pcap file has {size}: too large to be kept in the page.</p>"
    data = base64.b64encode(recording.pcap).decode()
    return (
        f'<p><a download="{escape(name)}.pcap" '
        f'href="data:application/vnd.tcpdump.pcap;base64,{data}">Download pcap</a></p>'
    )
