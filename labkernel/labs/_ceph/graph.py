"""How the placement groups of a Ceph cluster moved while a step ran, and how much was read, written
and recovered: a graph over its time."""

import base64
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from labkernel import picture

if TYPE_CHECKING:
    from labkernel.observing import Sample

KINDS = {
    "clean": "clean",
    "moving": "being moved or recovered",
    "degraded": "with copies missing",
    "inactive": "not active: they serve nobody",
    "damaged": "damaged",
}
"""What states of placement groups mean, the best first, and how it is said."""

_WIDTH, _PGS, _RATES, _LEFT, _GAP = 640, 72, 36, 62, 18
_HEIGHT = _PGS + _RATES + 2 * _GAP + 8
_LETTER = 11.0

# an image that stands alone knows no theme: a grey between black and white is read on both
_STYLE = """
.lk-cluster{--fg:var(--jp-ui-font-color1,#767676);--line:var(--jp-border-color1,#767676);
--clean:#3c9a5f;--moving:#3f83cc;--degraded:#d58a2c;--inactive:#8a8f98;--damaged:#cf4a4a;
max-width:100%;height:auto}
.lk-cluster text{fill:var(--fg);font:11px var(--jp-ui-font-family,system-ui,sans-serif)}
.lk-cluster .lk-axis{stroke:var(--line);fill:none}
.lk-cluster .lk-rate{stroke:var(--moving);stroke-width:1.5;fill:none}
""" + "".join(f".lk-cluster .lk-{kind}{{fill:var(--{kind})}}" for kind in KINDS)


def size(octets: float) -> str:
    """Octets in the unit that suits: ``12.3 MiB``."""
    units = ["B", "KiB", "MiB", "GiB"]
    while octets >= 1024 and len(units) > 1:
        octets /= 1024
        units.pop(0)
    unit = units[0]
    return f"{octets:.0f} {unit}" if unit == "B" or octets >= 100 else f"{octets:.1f} {unit}"


def counts(sample: "Sample", kind_of: Callable[[str], str]) -> dict[str, int]:
    """How many placement groups are of each kind."""
    found = dict.fromkeys(KINDS, 0)
    for state, count in sample.get("pgs", {}).items():
        found[kind_of(state)] += count
    return found


def graph(samples: "Sequence[Sample]", kind_of: Callable[[str], str], live: bool) -> str:
    """The graph: an SVG that is a part of a page, or an image that stands alone."""
    svg = _svg(samples, kind_of)
    if live:
        return picture.drawn(svg, _WIDTH, _LETTER, least=0.5)
    data = base64.b64encode(svg.encode()).decode()
    size = picture.style(_WIDTH, _LETTER, least=0.5)
    return f"<p>{picture.image(data, 'image/svg+xml', _ALT, size)}</p>"


_ALT = "Placement groups by what their states mean, and throughput, over the time of the step"


def _svg(samples: "Sequence[Sample]", kind_of: Callable[[str], str]) -> str:
    span = _rounded(samples[-1]["at"])

    def x(at: float) -> str:
        return f"{_LEFT + (_WIDTH - _LEFT - 8) * at / span:.1f}"

    most = max(sum(sample.get("pgs", {}).values()) for sample in samples) or 1
    rates = [(sample["at"], sum(sample.get("rates", (0,)))) for sample in samples]
    peak = max(1024, *(rate for _, rate in rates))
    floor = _PGS + _GAP + _RATES
    line = " ".join(f"{x(at)},{floor - (_RATES - 2) * rate / peak:.1f}" for at, rate in rates)
    texts = [
        f'<text x="{_LEFT - 6}" y="14" text-anchor="end">{most} PGs</text>',
        f'<text x="{_LEFT - 6}" y="{floor - _RATES + 10}" text-anchor="end">{size(peak)}/s</text>',
        f'<text x="{_LEFT}" y="{floor + 15}">0 s</text>',
        f'<text x="{_WIDTH - 8}" y="{floor + 15}" text-anchor="end">{span:g} s</text>',
    ]
    axes = "".join(
        f'<path class="lk-axis" d="M{_LEFT} {y + 0.5}H{_WIDTH - 8}"/>' for y in (_PGS + 4, floor)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lk-cluster" width="{_WIDTH}" '
        f'height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_ALT}">'
        f"<style>{_STYLE}</style>{''.join(_areas(samples, kind_of, x, most))}{axes}"
        f'<polyline class="lk-rate" points="{line}"/>{"".join(texts)}</svg>'
    )


def _rounded(seconds: float) -> float:
    """The axis' end: it grows in few steps."""
    return next((end for end in (5, 10, 20, 30, 60, 120, 300) if end >= seconds), seconds)


def _areas(
    samples: "Sequence[Sample]",
    kind_of: Callable[[str], str],
    x: Callable[[float], str],
    most: int,
) -> Iterable[str]:
    """A band for each kind, the clean ones at the bottom; none where there was no answer."""
    ends = [sample["at"] for sample in samples[1:]] + [samples[-1]["at"] + 0.2]
    for kind in KINDS:
        path = []
        for sample, end in zip(samples, ends, strict=True):
            number = counts(sample, kind_of)
            below = sum(number[each] for each in list(KINDS)[: list(KINDS).index(kind)])
            if number[kind]:
                top, bottom = ((below + add) * _PGS / most for add in (number[kind], 0))
                path.append(
                    f"M{x(sample['at'])} {_PGS + 4 - bottom:.1f}H{x(end)}"
                    f"V{_PGS + 4 - top:.1f}H{x(sample['at'])}z"
                )
        if path:
            yield f'<path class="lk-{kind}" d="{"".join(path)}"/>'
