"""Sequence diagrams in SVG: packets as arrows between the nodes of a link."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from textwrap import wrap

from labkernel.packets import DHCPv6, NeighborSolicitation, Packet, RouterAdvertisement

ARROWS = 40
"""Arrows in a picture; the rest is in the table."""

LETTER = 11.0
"""The size of the letters, in the units of the picture."""

_LEFT, _RIGHT, _TOP, _ROW, _LINE = 130, 80, 20, 34, 13
#: between two lifelines, at least and at most: as the longest label asks for
_GAP, _WIDEST = 240, 420
_CHARACTER = 6.3
_FAMILIES = {
    "discovery": {"RS", "RA", "NS", "NA", "Redirect"},
    "error": {"Packet Too Big", "Destination Unreachable", "Time Exceeded"},
    "echo": {"Echo request", "Echo reply"},
}
STYLE = """
.lk-sequence{background:var(--jp-layout-color1,#fff);--fg:var(--jp-ui-font-color1,#1f2328);--dim:var(--jp-ui-font-color2,#59636e);
--line:var(--jp-border-color1,#8c959f);--discovery:#1565c0;--dhcp:#7b3fb5;--error:#c62828;
--echo:#2e7d32;max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.lk-sequence{background:var(--jp-layout-color1,#161b22);
--fg:var(--jp-ui-font-color1,#e6edf3);
--dim:var(--jp-ui-font-color2,#9da7b3);--line:var(--jp-border-color1,#6e7681);
--discovery:#64b5f6;--dhcp:#c792ea;--error:#ef7d76;--echo:#66bb6a}}
[data-jp-theme-light=false] .lk-sequence{--discovery:#64b5f6;--dhcp:#c792ea;--error:#ef7d76;
--echo:#66bb6a}
[data-jp-theme-light=true] .lk-sequence{--discovery:#1565c0;--dhcp:#7b3fb5;--error:#c62828;
--echo:#2e7d32}
.lk-sequence text{fill:var(--fg);font:11px var(--jp-ui-font-family,system-ui,sans-serif)}
.lk-sequence .lk-dim{fill:var(--dim)}
.lk-sequence .lk-name{font-size:13px;font-weight:600}
.lk-sequence .lk-life{stroke:var(--line);stroke-dasharray:3 3}
.lk-sequence .lk-arrow{stroke:var(--c);stroke-width:1.5;fill:none}
.lk-sequence .lk-tip{fill:var(--c)}.lk-sequence g{--c:var(--dim)}
.lk-sequence .lk-discovery{--c:var(--discovery)}.lk-sequence .lk-dhcp{--c:var(--dhcp)}
.lk-sequence .lk-error{--c:var(--error)}.lk-sequence .lk-echo{--c:var(--echo)}
"""


@dataclass(frozen=True)
class Arrow:
    """One or several equal packets, one after the other.

    :param to: the receiver's lifeline; ``None``: a multicast, to all.
    """

    packet: Packet
    sender: str
    to: str | None
    count: int

    @property
    def text(self) -> str:
        """The label of the arrow."""
        times = f" × {self.count}" if self.count > 1 else ""
        return f"{self.packet.kind}{times}  {_telling(self.packet)}".rstrip()


def arrows(packets: Sequence[Packet], names: Mapping[str, str]) -> list[Arrow]:
    """The packets as arrows between those who have the MAC addresses."""

    def key(packet: Packet) -> tuple[str, str | None, str, str]:
        return (
            names.get(packet.mac_source, packet.mac_source),
            None if packet.to_all else names.get(packet.mac_destination, "others"),
            packet.kind,
            _telling(packet),
        )

    found = []
    for (sender, to, _, _), group in groupby(packets, key):
        several = list(group)
        found.append(Arrow(several[0], sender or "others", to, len(several)))
    return found


def _telling(packet: Packet) -> str:
    """The bit of a packet that tells it from others of its kind."""
    message = packet.message
    if isinstance(message, RouterAdvertisement):
        prefixes = " ".join(each.prefix for each in message.prefixes)
        return prefixes or f"lifetime {message.lifetime} s"
    if isinstance(message, DHCPv6):
        given = [net for net, _, _ in (*message.prefixes, *message.addresses)]
        return " ".join(given) or " ".join(message.wants)
    if isinstance(message, NeighborSolicitation):
        return f"{message.target}?{' (DAD)' if packet.source == '::' else ''}"
    if packet.kind.startswith("Echo"):
        return f"to {packet.destination}" if packet.kind == "Echo request" else ""
    return packet.info


def time_text(seconds: float) -> str:
    """A time in the unit that shows it: packets on a link of ours are microseconds apart."""
    if seconds <= 0:
        return "0"
    if seconds < 0.0009995:
        return f"{seconds * 1e6:.0f} µs"
    value, unit = (seconds * 1e3, "ms") if seconds < 0.9995 else (seconds, "s")
    return f"{value:,.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"


def svg(packets: Sequence[Packet], names: Mapping[str, str]) -> str:
    """The picture as SVG text."""
    return picture(packets, names)[0]


def picture(packets: Sequence[Packet], names: Mapping[str, str]) -> tuple[str, int]:
    """The picture as SVG text, and how wide it is, in its units."""
    drawn = arrows(packets, names)
    shown, more = drawn[:ARROWS], len(drawn) - ARROWS
    positions = _lifelines(shown, names)
    rows = list(_rows(shown, positions))
    bottom = (rows[-1][1] if rows else _TOP) + 10
    parts = [_life(name, x, bottom) for name, x in positions.items()]
    parts += [_arrow(arrow, positions, y, lines) for arrow, y, lines in rows]
    if more > 0:
        parts.append(f'<text class="lk-dim" x="8" y="{bottom + 14}">… and {more} more</text>')
    said = ". ".join(f"{a.sender} to {a.to or 'all'}: {a.text}" for a in shown)
    width, height = max(positions.values()) + _RIGHT, bottom + (24 if more > 0 else 4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lk-sequence" role="img" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-label="The packets in their order"><desc>{escape(said)}</desc>'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>"
    ), width


def _lifelines(shown: Sequence[Arrow], names: Mapping[str, str]) -> dict[str, int]:
    """The positions of the lifelines; their distance fits the longest label."""
    lives = list(dict.fromkeys(end for a in shown for end in (a.sender, a.to) if end))
    lives += [
        name for name in dict.fromkeys(names.values()) if len(lives) < 2 and name not in lives
    ]
    longest = max((len(arrow.text) for arrow in shown), default=0)
    gap = min(_WIDEST, max(_GAP, round(longest * _CHARACTER) + 24))
    return {name: _LEFT + gap * at for at, name in enumerate(lives)}


def _rows(
    shown: Sequence[Arrow], positions: Mapping[str, int]
) -> Iterator[tuple[Arrow, int, list[str]]]:
    """The arrows, with their heights, and the lines of the label above them."""
    y = _TOP
    for arrow in shown:
        left, right = _span(arrow, positions)
        lines = wrap(arrow.text, max(24, int((right - left - 12) / _CHARACTER)))
        y += _ROW + _LINE * (len(lines) - 1)
        yield arrow, y, lines


def _ends(arrow: Arrow, positions: Mapping[str, int]) -> list[int]:
    start = positions[arrow.sender]
    return [positions[arrow.to]] if arrow.to else _all_others(start, list(positions.values()))


def _span(arrow: Arrow, positions: Mapping[str, int]) -> tuple[int, int]:
    across = [positions[arrow.sender], *_ends(arrow, positions)]
    return min(across), max(across)


def _life(name: str, x: int, bottom: int) -> str:
    return (
        f'<text class="lk-name" x="{x}" y="20" text-anchor="middle">{escape(name)}</text>'
        f'<line class="lk-life" x1="{x}" y1="30" x2="{x}" y2="{bottom}"/>'
    )


def _arrow(arrow: Arrow, positions: Mapping[str, int], y: int, said: Sequence[str]) -> str:
    start, ends = positions[arrow.sender], _ends(arrow, positions)
    dash = "" if arrow.to else ' stroke-dasharray="6 3"'
    lines = "".join(f'<path class="lk-arrow" d="M{start} {y}H{end}"{dash}/>' for end in ends)
    tips = "".join(_tip(start, end, y) for end in ends)
    middle = sum(_span(arrow, positions)) / 2
    label = "".join(
        f'<text x="{middle:g}" y="{y - 6 - _LINE * (len(said) - 1 - at)}" text-anchor="middle">'
        f"{escape(line)}</text>"
        for at, line in enumerate(said)
    )
    return (
        f'<g class="{_family(arrow.packet)}">'
        f'<text class="lk-dim" x="8" y="{y + 4}">{time_text(arrow.packet.time)}</text>'
        f"{lines}{tips}{label}</g>"
    )


def _all_others(start: int, positions: list[int]) -> list[int]:
    """The outermost lifelines: on its way there a multicast passes all others."""
    return [x for x in (min(positions), max(positions)) if x != start] or [start + 40]


def _tip(start: int, end: int, y: int) -> str:
    back = -7 if end > start else 7
    return f'<path class="lk-tip" d="M{end} {y}l{back} -4v8z"/>'


def _family(packet: Packet) -> str:
    if isinstance(packet.message, DHCPv6):
        return "lk-dhcp"
    for family, kinds in _FAMILIES.items():
        if packet.kind in kinds:
            return f"lk-{family}"
    return "lk-other"
