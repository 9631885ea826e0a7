"""The table in the page of what this machine can run."""

from collections.abc import Iterable, Sequence
from html import escape

from labkernel.doctor import Fact, LabAbility, Report
from labkernel.notebook import static

TEXT = "What this machine can run: see the table, or type labkernel doctor."
"""The stable text: the same on every machine."""


def html(report: Report, with_facts: bool) -> str:
    """The report as a card.

    :param with_facts: also what was found on this machine; not for what is saved and shared.
    """
    parts = [
        _table(("Lab", "Can run here", "What to do"), map(_lab, report.labs)),
        "<details><summary>What was looked at</summary>"
        + _table(("What", "Found", "What to do"), map(_fact, report.facts))
        + "</details>"
        if with_facts
        else "",
    ]
    return static.card("What this machine can run", parts)


def _lab(lab: LabAbility) -> tuple[str, str, str]:
    name = f"{lab.name}: {lab.title}" if lab.title else lab.name
    return name, "yes" if lab.able else f"no: {lab.why}", _remedy(lab.remedy)


def _fact(fact: Fact) -> tuple[str, str, str]:
    mark = "✓" if fact.ok else "✗" if fact.needed else "–"
    return fact.name, f"{mark} {fact.value}", _remedy(fact.remedy)


def _remedy(text: str) -> str:
    return f"{text}." if text else ""


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table; the last column, what to do, only where there is something."""
    listed = list(lines)
    if not any(line[-1] for line in listed):
        head, listed = head[:-1], [line[:-1] for line in listed]

    def row(tag: str, words: Iterable[str]) -> str:
        cells = "".join(f'<{tag} class="lk-text">{escape(word)}</{tag}>' for word in words)
        return f"<tr>{cells}</tr>"

    body = "".join(row("td", line) for line in listed)
    return f"<table><thead>{row('th', head)}</thead><tbody>{body}</tbody></table>"
