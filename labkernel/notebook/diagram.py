"""The picture of a topology: an SVG that follows the page's theme, or the reader's without one."""

from html import escape

from labkernel.notebook.layout import HEADER, PAD, ROW, Box, Wire, arrange
from labkernel.notebook.ports import Live, Row, rows
from labkernel.topology import Node, Topology

STYLE = """
.lk-diagram{--fg:var(--jp-ui-font-color1,#1f2328);--dim:var(--jp-ui-font-color2,#59636e);
--line:var(--jp-border-color0,#8c959f);--box:var(--jp-layout-color1,#fff);
--head:var(--jp-layout-color2,#f0f2f5);--accent:var(--jp-brand-color1,#1565c0);
--on:var(--jp-success-color1,#2e7d32);--bad:var(--jp-error-color1,#c62828);
max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.lk-diagram{--fg:var(--jp-ui-font-color1,#e6edf3);
--dim:var(--jp-ui-font-color2,#9da7b3);--line:var(--jp-border-color0,#6e7681);
--box:var(--jp-layout-color1,#161b22);--head:var(--jp-layout-color2,#21262d);
--accent:var(--jp-brand-color1,#64b5f6);--on:var(--jp-success-color1,#66bb6a);--bad:var(--jp-error-color1,#ef9a9a)}}
.lk-diagram text{fill:var(--fg);font:11px var(--jp-ui-font-family,system-ui,sans-serif)}
.lk-diagram .lk-dim{fill:var(--dim)}
.lk-diagram .lk-name{font-size:13px;font-weight:600}
.lk-diagram .lk-mono{font-family:var(--jp-code-font-family,ui-monospace,monospace)}
.lk-diagram .lk-wire{fill:none;stroke:var(--line);stroke-width:1.5}
.lk-diagram .lk-port{fill:var(--box);stroke:var(--line);stroke-width:1.5}
.lk-diagram .lk-frame{fill:var(--box);stroke:var(--line);stroke-width:1.25}
.lk-diagram .lk-head{fill:var(--head)}
.lk-diagram .lk-symbol{fill:none;stroke:var(--fg);stroke-width:1.4;stroke-linecap:round;
stroke-linejoin:round}
.lk-diagram .lk-lamp{fill:var(--box);stroke:var(--dim);stroke-width:1.4}
.lk-diagram .lk-hub{fill:var(--head);stroke:var(--line);stroke-width:1}
.lk-diagram .lk-label{fill:none}
.lk-diagram[data-state=down] .lk-frame,.lk-diagram[data-state=down] .lk-wire{stroke-dasharray:4 3}
.lk-diagram[data-state=starting] .lk-lamp{fill:var(--accent);stroke:var(--accent);
animation:lk-pulse 1s ease-in-out infinite alternate}
.lk-diagram[data-state=up] .lk-lamp{fill:var(--on);stroke:var(--on)}
.lk-diagram .lk-lit .lk-frame{stroke:var(--accent);stroke-width:2.5}
.lk-diagram[data-state=up] .lk-wire.lk-cut{stroke:var(--bad);stroke-dasharray:2 4}
.lk-diagram[data-state=up] text.lk-cut{fill:var(--bad);text-decoration:line-through}
.lk-diagram[data-state=up] .lk-new{fill:var(--accent);font-weight:600}
.lk-diagram[data-state=up] .lk-gone .lk-lamp{fill:var(--bad);stroke:var(--bad)}
.lk-diagram[data-state=up] .lk-gone .lk-frame{stroke-dasharray:4 3}
.lk-diagram .lk-here{display:none}.lk-diagram .lk-lit .lk-here{display:inline}
.lk-diagram .lk-here path{fill:var(--accent)}
@keyframes lk-pulse{from{opacity:.25}}
@media (prefers-reduced-motion:reduce){.lk-diagram .lk-lamp{animation:none!important}}
"""

# 18 × 18 px: arrows in a circle and in a square, as network diagrams draw a router and a switch,
# and a computer
_ICONS = {
    "router": '<circle cx="9" cy="9" r="7.6"/><path d="M9 7.2V3.6M7.4 5 9 3.4l1.6 1.6M9 10.8v3.6'
    'M7.4 13 9 14.6l1.6-1.6M3.4 9h3M5 7.5 6.6 9 5 10.5M14.6 9h-3M13 7.5 11.4 9l1.6 1.5"/>',
    "switch": '<rect x="1.5" y="3" width="15" height="12" rx="1.5"/>'
    '<path d="M4 7h8M10 5l2 2-2 2M14 11H6M8 9l-2 2 2 2"/>',
    "host": '<path d="M3 2.5h12a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5H3'
    'A1.5 1.5 0 0 1 1.5 11V4A1.5 1.5 0 0 1 3 2.5zM9 12.5v3M5.5 15.5h7"/>',
}


LETTER = 11.0
"""The size of the letters, in the units of the picture."""


def width(topology: Topology, live: Live | None = None) -> float:
    """The width of the picture, in its own units."""
    return arrange(topology, live).width


def svg(topology: Topology, state: str = "down", lit: str = "", live: Live | None = None) -> str:
    """The picture as SVG text.

    :param state: of its nodes: ``down``, ``starting`` or ``up``.
    :param lit: the node of the current step.
    :param live: what the nodes have now; without it, what is declared is shown.
    """
    live = live or {}
    layout = arrange(topology, live)
    inside = [_wire(topology, wire, live) for wire in layout.wires]
    inside += [_box(topology, box, lit, live) for box in layout.boxes]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lk-diagram" data-state="{state}" '
        f'viewBox="0 0 {layout.width:g} {layout.height:g}" width="{layout.width:g}" '
        f'height="{layout.height:g}" role="img" aria-label="{escape(_title(topology, state))}">'
        f"<desc>{escape(describe(topology, live))}</desc><style>{STYLE}</style>"
        f"{''.join(inside)}</svg>"
    )


def _title(topology: Topology, state: str) -> str:
    return f"Topology of the lab {topology.name}, {state}"


def role(node: Node) -> str:
    """The role of a node in picture and text: router, switch or host (RFC 8200, section 2)."""
    return "router" if node.forwards else "switch" if node.switches else "host"


def describe(topology: Topology, live: Live | None = None) -> str:
    """The topology in sentences, for those who don't see the picture.

    :param live: what the nodes have now; without it, what is declared is told.
    """
    ends = (
        f"Link {link.name}"
        + (f" ({', '.join(map(str, link.prefixes))})" if link.prefixes else "")
        + f" joins {' and '.join(link.interfaces)}."
        for link in topology.links
    )
    nodes = (
        f"{node.name} is a {role(node)}"
        + (" with a kernel of its own" if node.kernel else "")
        + _ports(topology, node.name, live or {})
        + "."
        for node in topology.nodes
    )
    return " ".join([*nodes, *ends])


def _ports(topology: Topology, node: str, live: Live) -> str:
    """The addresses of each port of a node, and which ports are down, clauses."""
    if node in live and live[node].ended:
        return ", which has ended"
    said: dict[str, list[str]] = {}
    name = ""
    for row in rows(topology, node, live):
        name = row.name or name
        found = said.setdefault(name, ["is down"] if row.cut and row.name else [])
        if row.address:
            found.append(row.address if found and found[-1] != "is down" else f"has {row.address}")
    return "".join(f", {name} {' and '.join(found)}" for name, found in said.items() if found)


def table(topology: Topology) -> str:
    """The topology as aligned text."""
    lines = [
        (node.name if first else "", role(node) if first else "", interface, link, address)
        for node in topology.nodes
        for first, (interface, link, address) in _entries(topology, node.name)
    ]
    widths = [max(len(line[at]) for line in lines) for at in range(5)]
    return "\n".join(
        "  ".join(f"{word:{width}}" for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _entries(topology: Topology, node: str) -> list[tuple[bool, tuple[str, str, str]]]:
    found = [
        (row.name, f"on {row.port.link}" if row.name and row.port else "", row.address)
        for row in rows(topology, node, {})
    ]
    return [(at == 0, entry) for at, entry in enumerate(found or [("", "", "")])]


def _wire(topology: Topology, wire: Wire, live: Live) -> str:
    (x, y), (to_x, to_y) = wire.start, wire.end
    bend = (x + to_x) / 2
    curve = f"M{x:g} {y:g}C{bend:g} {y:g} {bend:g} {to_y:g} {to_x:g} {to_y:g}"
    lines = rows(topology, wire.port.node, live)
    cut = " lk-cut" if any(row.cut and row.port is wire.port for row in lines) else ""
    return f'<path class="lk-wire{cut}" d="{curve}"/>'


def _box(topology: Topology, box: Box, lit: str, live: Live) -> str:
    return _node(topology, box, lit, live) if box.kind == "node" else _link(topology, box)


def _link(topology: Topology, box: Box) -> str:
    link = next(link for link in topology.links if link.name == box.name)
    shape = "lk-hub" if len(link.interfaces) > 2 else "lk-label"
    middle = box.x + box.width / 2
    texts = [
        f'<text x="{middle:g}" y="{box.y + 15:g}" text-anchor="middle">{escape(link.name)}</text>'
    ]
    texts += [
        f'<text class="lk-mono lk-dim" x="{middle:g}" y="{box.y + 15 * line:g}" '
        f'text-anchor="middle">{prefix}</text>'
        for line, prefix in enumerate(link.prefixes, start=2)
    ]
    return (
        f'<g data-link="{link.name}"><rect class="{shape}" x="{box.x:g}" y="{box.y:g}" '
        f'width="{box.width:g}" height="{box.height:g}" rx="6"/>{"".join(texts)}</g>'
    )


def _node(topology: Topology, box: Box, lit: str, live: Live) -> str:
    node = topology.node(box.name)
    lines = [_row(box, at, row) for at, row in enumerate(rows(topology, node.name, live))]
    ended = node.name in live and live[node.name].ended
    kind = "ended" if ended else role(node) + (", VM" if node.kernel else "")
    marks = ["lk-lit"] * (node.name == lit) + ["lk-gone"] * ended
    right = box.x + box.width
    return (
        f'<g data-node="{node.name}" class="{" ".join(marks)}">'
        f'<rect class="lk-frame" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" '
        f'height="{box.height:g}" rx="7"/>'
        f'<path class="lk-head" d="{_head(box)}"/>'
        f'<g class="lk-symbol" transform="translate({box.x + 8:g} {box.y + 7:g})">'
        f"{_ICONS[role(node)]}</g>"
        f'<text class="lk-name" x="{box.x + 33:g}" y="{box.y + 20.5:g}">{node.name}</text>'
        f'<text class="lk-dim" x="{right - 22:g}" y="{box.y + 20:g}" text-anchor="end">'
        f"{kind}</text>"
        f'<circle class="lk-lamp" cx="{right - 13:g}" cy="{box.y + 16:g}" r="4"/>'
        f'<g class="lk-here"><path d="M{box.x + box.width / 2:g} {box.y:g}l-6 -8h12z"/></g>'
        f"{''.join(lines)}</g>"
    )


def _head(box: Box) -> str:
    """The upper part of the frame: round corners above, straight ones below where rows follow."""
    left, right, top = box.x + 0.7, box.x + box.width - 0.7, box.y + 0.7
    if box.height <= HEADER:
        return f"M{left + 6:g} {top:g}"
    return (
        f"M{left:g} {top + HEADER - 4:g}V{top + 6:g}a6 6 0 0 1 6-6H{right - 6:g}"
        f"a6 6 0 0 1 6 6V{top + HEADER - 4:g}z"
    )


def _row(box: Box, at: int, row: Row) -> str:
    y = box.y + HEADER + ROW * (at + 0.5)
    off = " lk-cut" if row.cut else ""
    says = f"<title>{escape(row.name)} is down</title>" if row.cut else ""
    name = (
        f'<text class="lk-dim lk-mono{off}" x="{box.x + PAD:g}" y="{y + 4:g}">'
        f"{escape(row.name)}{says}</text>"
    )
    text = (
        f'<text class="lk-mono{" lk-new" if row.new else ""}" x="{box.x + box.width - PAD:g}" '
        f'y="{y + 4:g}" text-anchor="end">{escape(row.address)}</text>'
    )
    return (name if row.name else "") + (text if row.address else "")
