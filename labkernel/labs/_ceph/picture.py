"""The picture of a Ceph cluster: a table of how it is now, and how the placement groups moved."""

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from labkernel.labs._ceph.graph import KINDS, counts, graph, size

if TYPE_CHECKING:
    from labkernel.observing import Sample

#: rows of the list of what has changed: all of them where nothing must jump
EVENTS = 50

_HEALTH = {"HEALTH_OK": ("✓", "ok"), "HEALTH_WARN": ("!", "warn"), "HEALTH_ERR": ("✗", "bad")}

_CSS = """
.lk-state{display:inline-block;padding:0 .6em;margin:.08em 0;border:1px solid var(--lk-edge);
border-radius:1em;font-size:.93em;line-height:1.5;white-space:nowrap}
.lk-level-ok{border-color:var(--lk-ok)}.lk-level-warn{border-color:var(--lk-warn);
border-style:dashed}.lk-level-bad{border-color:var(--lk-bad);border-width:2px}
.lk-card .lk-cluster-head{height:3.2em;margin:0;overflow:auto}
.lk-cluster-head .lk-state{font-weight:600}
.lk-card .lk-cluster-rows{width:100%;table-layout:fixed}
.lk-card .lk-cluster-rows th{width:min(12em,32%);font-weight:400;color:var(--lk-dim)}
.lk-card .lk-cluster-rows tr:is(:nth-child(2),:nth-child(3)) td{height:4em}
.lk-card .lk-cluster-legend{margin:.5em 0 .3em;color:var(--lk-dim);font-size:.93em}
.lk-cluster-legend span{margin-right:1em;white-space:nowrap}
.lk-swatch{display:inline-block;width:.75em;height:.75em;margin-right:.4em;border-radius:2px;
background:#8a8f98}.lk-pg-clean{background:#3c9a5f}.lk-pg-moving{background:#3f83cc}
.lk-pg-degraded{background:#d58a2c}.lk-pg-damaged{background:#cf4a4a}
.lk-card .lk-cluster-events{height:7.6em;margin:.3em 0 0;padding:.3em 0;overflow:auto;
list-style:none;
font-size:.93em;border-top:1px solid var(--lk-line)}
.lk-card .lk-cluster-events li{margin:0}.lk-cluster-events b{display:inline-block;min-width:4.5em;
font-weight:400;color:var(--lk-dim);font-variant-numeric:tabular-nums}
"""


def html(
    samples: "Sequence[Sample]",
    problem: str,
    events: Sequence[tuple[float, str]],
    kind_of: Callable[[str], str],
    live: bool,
) -> str:
    """A cluster as the last sample has it, and how it came there.

    :param problem: why the last sample has no answer; the one before it is shown.
    :param events: what has changed, and when.
    :param kind_of: of a placement group's state, what it means.
    """
    known = [sample for sample in samples if "problem" not in sample]
    parts = [_head(known[-1] if known else None, problem)]
    # also before anything is known: nothing jumps when it is
    parts += [_rows(known[-1] if known else None), _legend(known[-1] if known else {}, kind_of)]
    parts += [graph(samples, kind_of, live), _events(events)]
    return f"<style>{_CSS.replace(chr(10), '')}</style><div>{''.join(parts)}</div>"


def _mark(text: str, mark: str, level: str) -> str:
    return f'<span class="lk-state lk-level-{level}">{mark} {escape(text)}</span> '


def _head(sample: "Sample | None", problem: str) -> str:
    if problem or sample is None:
        seen = " What is below was seen before that." if sample else ""
        text = f"{_mark('No answer', '?', 'bad')}<span>{escape(problem)}.{seen}</span>"
    else:
        mark, level = _HEALTH.get(sample["health"], ("?", "warn"))
        why = "; ".join(message for _, message in sample["checks"])
        text = f"{_mark(sample['health'], mark, level)}<span>{escape(why)}</span>"
    return f'<p class="lk-cluster-head">{text}</p>'


def _rows(sample: "Sample | None") -> str:
    values = _values(sample) if sample else ["not known yet"] * len(_NAMES)
    lines = "".join(
        f'<tr><th scope="row" class="lk-text">{name}</th><td class="lk-text">{text}</td></tr>'
        for name, text in zip(_NAMES, values, strict=True)
    )
    return f'<table class="lk-cluster-rows"><tbody>{lines}</tbody></table>'


_NAMES = ("Monitors", "OSDs", "Placement groups", "Metadata servers", "Throughput", "Space")


def _values(sample: "Sample") -> list[str]:
    read, written, recovered = map(size, sample["rates"])
    used, total = sample["space"]
    degraded, misplaced = sample["objects"]
    objects = (
        f"; copies missing: {degraded}, misplaced: {misplaced}"
        if any((degraded, misplaced))
        else ""
    )
    states = ", ".join(f"{count} {state}" for state, count in sorted(sample["pgs"].items()))
    return [
        "".join(_mon(name, there, sample["leader"]) for name, there in sample["mons"]),
        "".join(_osd(*each) for each in sample["osds"]) or "none yet",
        escape((states or "none yet") + objects),
        _metadata_servers(sample["mds"], sample["standby"]),
        f"read {read}/s, written {written}/s, recovered {recovered}/s",
        f"{size(used)} of {size(total)} used",
    ]


def _mon(name: str, there: bool, leader: str) -> str:
    if not there:
        return _mark(f"{name}: not in the quorum", "✗", "bad")
    return _mark(f"{name}, leads" if name == leader else name, "✓", "ok")


def _metadata_servers(serving: Sequence[Sequence[str]], standby: int) -> str:
    marks = [
        _mark(f"{name}: {state}", *(("✓", "ok") if state == "active" else ("!", "warn")))
        for name, state in serving
    ]
    if standby:
        marks.append(_mark(f"{standby} standing by", "✓", "ok"))
    return "".join(marks) or "none"


def _osd(number: int, host: str, up: bool, inside: bool, full: str) -> str:
    name = f"osd.{number}" + (f" on {host}" if host else "")
    words = f"{'up' if up else 'down'}, {'in' if inside else 'out'}" + (f", {full}" if full else "")
    good = up and inside and not full
    return _mark(
        f"{name}: {words}",
        "✓" if good else "!" if up else "✗",
        "ok" if good else "warn" if up else "bad",
    )


def _legend(sample: "Sample", kind_of: Callable[[str], str]) -> str:
    """The colours, in words, with today's counts."""
    items = "".join(
        f'<span><i class="lk-swatch lk-pg-{kind}"></i>{count} {KINDS[kind]}</span> '
        for kind, count in counts(sample, kind_of).items()
    )
    return f'<p class="lk-cluster-legend">Placement groups: {items}</p>'


def _events(events: Sequence[tuple[float, str]]) -> str:
    lines = "".join(f"<li><b>{at:.1f} s</b> {escape(text)}</li>" for at, text in events[-EVENTS:])
    return f'<ol class="lk-cluster-events" aria-label="What has changed" tabindex="0">{lines}</ol>'
