"""The layout of a topology's picture.

Nodes and links are the two kinds of vertices of a bipartite graph.  Its layers by distance from a
root become columns, so that wires only join adjacent columns and never cross a box.  Separate
branches of the root are put on both of its sides.  The root whose picture is the largest on the
page is chosen; the first node is on the left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from labkernel.notebook.ports import Live, rows
from labkernel.topology import Port, Topology

PAGE = (1080.0, 520.0)
"""What a picture should fit in: width and height, in CSS pixels."""

HEADER, ROW, PAD = 32.0, 16.0, 9.0
GAP_X, GAP_Y = 34.0, 18.0
CHARACTER = 6.7  # of the 11 px monospace font of the rows

Name = tuple[str, str]
"""A vertex: ``("node", name)`` or ``("link", name)``."""

Graph = Mapping[Name, list[Name]]
Sizes = Mapping[Name, tuple[float, float]]


@dataclass(frozen=True)
class Box:
    """A node or a link in its place: the upper left corner and the size, in pixels."""

    kind: str
    name: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The height of its centre."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Wire:
    """From a port's place on its node to the side of its link."""

    port: Port
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """A picture's measures."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


def arrange(topology: Topology, live: Live | None = None) -> Layout:
    """Arrange a topology, the same way each time; what no link joins stands one below another.

    :param live: what the nodes have now, which may need more room than what is declared; no node
        changes its place for that.
    """
    graph = _graph(topology)
    declared = {name: _size(topology, name, {}) for name in graph}
    sizes = {name: _size(topology, name, live) for name in graph} if live else declared
    boxes: dict[Name, Box] = {}
    for part in _branches(graph):
        below = max((box.y + box.height + GAP_Y for box in boxes.values()), default=9.0)
        own = {name: others for name, others in graph.items() if name in part}
        columns = _best(topology, own, declared)
        boxes |= _lowered(_arrange(own, sizes, columns), below)
    wires = tuple(_wire(topology, boxes, port, live or {}) for port in topology.ports)
    width = max(box.x + box.width for box in boxes.values()) + 2
    height = max(box.y + box.height for box in boxes.values()) + 2
    return Layout(round(width, 1), round(height, 1), tuple(boxes.values()), wires)


def _best(topology: Topology, graph: Graph, sizes: Sizes) -> list[list[Name]]:
    """The columns whose picture is the best."""
    routers = {node.name for node in topology.nodes if node.forwards}
    return min(
        _candidates(graph),
        key=lambda columns: _cost(graph, _arrange(graph, sizes, columns), routers),
    )


def _lowered(boxes: dict[Name, Box], top: float) -> dict[Name, Box]:
    shift = top - min(box.y for box in boxes.values())
    return {name: replace(box, y=round(box.y + shift, 1)) for name, box in boxes.items()}


def _graph(topology: Topology) -> dict[Name, list[Name]]:
    graph: dict[Name, list[Name]] = {("node", node.name): [] for node in topology.nodes}
    for link in topology.links:
        graph["link", link.name] = []
        for node in dict.fromkeys(link.nodes()):
            graph["link", link.name].append(("node", node))
            graph["node", node].append(("link", link.name))
    return graph


def _size(topology: Topology, name: Name, live: Live) -> tuple[float, float]:
    if name[0] == "node":
        lines = rows(topology, name[1], live)
        widest = max((len(line.address) for line in lines), default=0)
        first = max((len(line.name) for line in lines), default=0)
        title = 8.2 * len(name[1]) + (116 if topology.node(name[1]).kernel else 92)
        width = max(128.0, title, (widest + first + 2) * CHARACTER + 2 * PAD)
        return width, HEADER + ROW * len(lines) + (PAD - 2 if lines else 0)
    link = next(link for link in topology.links if link.name == name[1])
    texts = [link.name, *map(str, link.prefixes)]
    return max(48.0, max(map(len, texts)) * CHARACTER + 14), 8 + 15.0 * len(texts)


# -- columns --------------------------------------------------------------------------------------


def _candidates(graph: Graph) -> Iterator[list[list[Name]]]:
    for root in graph:
        branches = _branches(graph, root)
        for left in {0, len(branches) // 2}:
            yield _columns(graph, root, branches[:left])


def _branches(graph: Graph, root: Name | None = None) -> list[set[Name]]:
    """The connected components without the root, in the order of the declaration."""
    found: list[set[Name]] = []
    for start in graph:
        if start == root or any(start in branch for branch in found):
            continue
        branch, todo = set[Name](), [start]
        while todo:
            name = todo.pop()
            if name != root and name not in branch:
                branch.add(name)
                todo += graph[name]
        found.append(branch)
    return found


def _columns(graph: Graph, root: Name, left: Sequence[set[Name]]) -> list[list[Name]]:
    at, todo = {root: 0}, [root]
    for name in todo:
        for other in graph[name]:
            if other not in at:
                at[other] = at[name] + 1
                todo.append(other)
    for branch in left:
        at |= {name: -at[name] for name in branch}
    if at[next(iter(graph))] > 0:
        at = {name: -column for name, column in at.items()}
    columns = range(min(at.values()), max(at.values()) + 1)
    return _uncrossed(graph, [[name for name in graph if at[name] == column] for column in columns])


def _uncrossed(graph: Graph, columns: list[list[Name]]) -> list[list[Name]]:
    """Sort each column by where its neighbours stand, to and fro, and keep the best."""
    best, fewest = columns, _crossings(graph, columns)
    for turn in range(8):
        if fewest == 0:
            break
        order = range(1, len(columns)) if turn % 2 == 0 else range(len(columns) - 2, -1, -1)
        columns = [list(column) for column in columns]
        for at in order:
            beside = columns[at - 1 if turn % 2 == 0 else at + 1]
            rank = {name: float(index) for index, name in enumerate(beside)}
            columns[at].sort(key=lambda name: _mean((rank[o] for o in graph[name] if o in rank), 0))
        crossings = _crossings(graph, columns)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _crossings(graph: Graph, columns: list[list[Name]]) -> int:
    count = 0
    for left, right in pairwise(columns):
        order = {name: index for index, name in enumerate(right)}
        edges = [(i, order[o]) for i, name in enumerate(left) for o in graph[name] if o in order]
        count += sum((a - c) * (b - d) < 0 for n, (a, b) in enumerate(edges) for c, d in edges[:n])
    return count


def _mean(values: Iterable[float], otherwise: float) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else otherwise


# -- coordinates ----------------------------------------------------------------------------------


def _arrange(graph: Graph, sizes: Sizes, columns: list[list[Name]]) -> dict[Name, Box]:
    boxes: dict[Name, Box] = {}
    x = 1.0
    for column in columns:
        width = max(sizes[name][0] for name in column)
        for name, y in zip(column, _stacked([sizes[name][1] for name in column]), strict=True):
            boxes[name] = Box(*name, x, y, width, sizes[name][1])
        x += width + GAP_X
    for turn in range(6):
        for column in columns if turn % 2 else reversed(columns):
            _align(graph, boxes, column)
    return boxes


def _stacked(heights: list[float]) -> list[float]:
    total = sum(heights) + GAP_Y * (len(heights) - 1)
    offsets, y = [], -total / 2
    for height in heights:
        offsets.append(y)
        y += height + GAP_Y
    return offsets


def _align(graph: Graph, boxes: dict[Name, Box], column: list[Name]) -> None:
    """Move a column's boxes to the height of their neighbours, as far as they leave room."""
    wanted = [
        _mean((boxes[o].middle for o in graph[n]), boxes[n].middle) - boxes[n].height / 2
        for n in column
    ]
    offsets, offset = [], 0.0
    for name in column:
        offsets.append(offset)
        offset += boxes[name].height + GAP_Y
    spread = _ascending([want - off for want, off in zip(wanted, offsets, strict=True)])
    for name, y, off in zip(column, spread, offsets, strict=True):
        boxes[name] = replace(boxes[name], y=y + off)


def _ascending(values: list[float]) -> list[float]:
    """The nearest sequence that never falls (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [((a * m + b * n) / (m + n), m + n)]
    return [value for value, count in pools for _ in range(count)]


def _wire(topology: Topology, boxes: Mapping[Name, Box], port: Port, live: Live) -> Wire:
    node, link = boxes["node", port.node], boxes["link", port.link]
    lines = rows(topology, port.node, live)
    line = next(at for at, row in enumerate(lines) if row.port is port)
    y = node.y + HEADER + ROW * (line + 0.5)
    if node.x < link.x:
        return Wire(port, (node.x + node.width, y), (link.x, link.middle))
    return Wire(port, (node.x, y), (link.x + link.width, link.middle))


def _cost(graph: Graph, boxes: Mapping[Name, Box], routers: set[str]) -> tuple[float, ...]:
    """The cost of a layout: small on the page, then tall, routers among hosts, out of order."""
    width = max(box.x + box.width for box in boxes.values())
    height = max(box.y + box.height for box in boxes.values()) - min(b.y for b in boxes.values())
    columns: dict[float, set[bool]] = {}
    for box in boxes.values():
        if box.kind == "node":
            columns.setdefault(box.x, set()).add(box.name in routers)
    mixed = sum(len(kinds) > 1 for kinds in columns.values())
    bends = sum(abs(boxes[a].middle - boxes[b].middle) for a in graph for b in graph[a])
    scale = min(1.0, PAGE[0] / width, PAGE[1] / height)
    first = boxes[next(iter(graph))].x // 60
    return (-round(scale, 1), height // 220, mixed, height // 60, first, round(bends), width)
