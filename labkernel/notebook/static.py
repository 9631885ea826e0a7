"""The cards as they ended, in HTML that stands alone: for saved notebooks, pages and readers
without JavaScript.  Without its style (GitHub, untrusted notebooks) it still reads in order."""

import base64
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import PurePath

from labkernel import backends, picture
from labkernel.drills import Drill
from labkernel.lab import Lab
from labkernel.notebook import diagram, verdict
from labkernel.notebook.assets import style
from labkernel.notebook.courses import Course, Entry
from labkernel.plain import plain
from labkernel.running import RunningLab
from labkernel.steps import Outcome, Step
from labkernel.transcript import shorten


@cache
def _style() -> str:
    return f"<style>{style().replace(chr(10), '')}</style>"


def unstyled(html: str) -> str:
    """A card of a page that has its style already, from another card."""
    return html.removeprefix(_style())


def finished_step(
    step: Step,
    lab: Lab,
    command: str,
    output: str,
    said: verdict.Verdict,
    shown: Sequence[str] = (),
    node: str = "",
) -> str:
    """A step's card as somebody has done it: the command, what it printed, and the verdict.

    :param shown: the HTML of its views.
    :param node: the node on which the command ran; the step's if empty.
    """
    position = lab.steps.index(step) + 1
    parts = [
        _header(step.title, step.on, position),
        f'<p class="lk-about">{_prose(step.about)}</p>' if step.about else "",
        _input(node or step.on, command) if command else "",
        *_ended(output, said),
        *(f'<div class="lk-view">{html}</div>' for html in shown),
    ]
    kind = "Task" if step.is_task else "Step"
    passed = "lk-has-passed" if said["kind"] == "passed" else ""
    return card(f"{kind} {position}: {step.title}", parts, passed)


def step_card(
    step: Step,
    lab: Lab,
    outcome: Outcome | None = None,
    shown: Sequence[str] = (),
    folded: bool = False,
) -> str:
    """A step's card.

    :param outcome: how it ended; without one, the card says how to run it.
    :param shown: the HTML of its views.
    :param folded: whether what came of it is folded, as a task's is with its solution: it answers
        a question.
    """
    position = lab.steps.index(step) + 1
    kind = "Task" if step.is_task else "Step"
    passed = outcome is not None and outcome.passed
    parts = [
        _header(step.title, step.on, position),
        f'<p class="lk-about">{_prose(step.about)}</p>' if step.about else "",
        *(_recorded(step, outcome, shown, folded) if outcome else [_command(step)]),
        _note("Recorded run: run this cell to do it yourself." if outcome else "Run this cell."),
    ]
    return card(f"{kind} {position}: {step.title}", parts, "lk-has-passed" if passed else "")


def _command(step: Step) -> str:
    if not step.is_task:
        return _input(step.on, step.run)
    hints = "".join(f"<li>{_prose(hint)}</li>" for hint in step.hints)
    return f"<details><summary>Hints</summary><ol>{hints}</ol></details>" if hints else ""


def _recorded(step: Step, outcome: Outcome, shown: Sequence[str], folded: bool) -> list[str]:
    """The command of a run that nobody did by hand, and its transcript; all of that is open where
    it did not pass."""
    command = _input(step.on, outcome.command)
    views = (f'<div class="lk-view">{html}</div>' for html in shown)
    came = [*_ended(outcome.output, verdict.of_outcome(outcome)), *views]
    if not outcome.passed:
        return [command, *came]
    if step.is_task:
        return [transcript([command, *came], "The solution, and what came of it")]
    if folded:
        return [command, transcript(came, "The answer: what came of it")]
    return [command, transcript(came, "What came of it", is_open=True)]


def transcript(parts: Sequence[str], summary: str, is_open: bool = False) -> str:
    """The transcript of a recorded run, which our extension folds until the step is done."""
    inside = "".join(parts)
    opened = " open" if is_open else ""
    return f'<details class="lk-transcript"{opened}><summary>{summary}</summary>{inside}</details>'


def _input(node: str, command: str) -> str:
    return f'<pre class="lk-input"><b>{node}$ </b><span>{escape(command.strip())}</span></pre>'


def _ended(output: str, said: verdict.Verdict) -> list[str]:
    lines = shorten(plain(output).rstrip().splitlines())
    printed = escape("\n".join(lines))
    return [
        f'<pre class="lk-log" tabindex="0">{printed}</pre>' if printed else "",
        verdict_block(said),
    ]


def verdict_block(said: verdict.Verdict) -> str:
    """The HTML of a verdict."""
    rows = "".join(f"<dt>{label}</dt><dd>{_prose(text)}</dd>" for label, text in said["rows"])
    mark = {"passed": "✓", "not-run": "–", "stopped": "■"}.get(said["kind"], "✗")
    return (
        f'<div class="lk-verdict lk-is-{said["kind"]}">'
        f"<p><strong>{mark} {escape(said['title'])}</strong> "
        f"<span>{_prose(said['text'])}</span></p>" + (f"<dl>{rows}</dl>" if rows else "") + "</div>"
    )


def lab_card(running: RunningLab, state: str = "down") -> str:
    """A lab's card: its title and its picture."""
    lab, topology = running.lab, running.topology
    # as an image, since untrusted notebooks would show an SVG's bare words
    svg = base64.b64encode(diagram.svg(topology, state).encode()).decode()
    size = picture.style(diagram.width(topology), diagram.LETTER)
    image = picture.image(svg, "image/svg+xml", diagram.describe(topology), size)
    return card(
        f"Lab: {lab.title}",
        [
            _header(lab.title, unusual(running)),
            f'<div class="lk-picture">{image}</div>',
            _note(f"{len(lab.steps)} steps. Run this cell to start it yourself."),
        ],
    )


def unusual(running: RunningLab) -> str:
    """The name of the lab's backend, where it is not the usual one."""
    name = running.backend.name
    return "" if name == backends.usual(running.lab.needs) else name


def finished_drill(drill: Drill, said: verdict.Verdict) -> str:
    """A drill's card as somebody has left it."""
    about = f'<p class="lk-about">{_prose(drill.about)}</p>' if drill.about else ""
    header = _header(drill.title, f"{len(drill.faults)} faults")
    passed = "lk-has-passed" if said["kind"] == "passed" else ""
    return card(f"Drill: {drill.title}", [header, about, verdict_block(said)], passed)


def drill_card(drill: Drill, symptoms: Sequence[tuple[str, str]] = ()) -> str:
    """A drill's card.

    :param symptoms: after a headless run: the title of each fault, and its symptom.
    """
    rows = "".join(f"<li>{_prose(t)}: <em>{_prose(s)}</em></li>" for t, s in symptoms)
    said = verdict.of_evidence(f"{len(symptoms)} faults were injected, seen, and fixed")
    came = [f"<ul>{rows}</ul>", verdict_block(said)]
    parts = [
        _header(drill.title, f"{len(drill.faults)} faults"),
        f'<p class="lk-about">{_prose(drill.about)}</p>' if drill.about else "",
        transcript(came, "The faults, and their symptoms") if symptoms else "",
        _note(("Recorded run: run" if symptoms else "Run") + " this cell to find one yourself."),
    ]
    return card(f"Drill: {drill.title}", parts, "lk-has-passed" if symptoms else "")


def course(listed: Course) -> str:
    """The list of labs: what each is about, how long it takes and what it needs."""
    head = "".join(f'<th class="lk-text">{text}</th>' for text in _COURSE)
    rows = "".join(f"<tr>{_entry(entry)}</tr>" for entry in listed.entries)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return card("The course", [_header("The course", ""), table])


_COURSE = ("No.", "Lab", "What it is about", "Time", "Needs")


def _entry(entry: Entry) -> str:
    links = ", ".join(
        f'<a href="{escape(path)}">{escape(entry.title if at == 0 else PurePath(path).stem)}</a>'
        for at, path in enumerate(entry.notebooks)
    )
    time = f"{entry.minutes}\u00a0min" if entry.minutes else ""
    words = (entry.about, time, ", ".join(entry.needs))
    cells = (entry.number, links or escape(entry.title), *map(escape, words))
    return "".join(f'<td class="lk-text">{text}</td>' for text in cells)


def _header(title: str, chip: str, position: int = 0) -> str:
    number = f'<span class="lk-place">{position}</span> ' if position else ""
    explanation = f' <span class="lk-chip lk-quiet">{escape(chip)}</span>' if chip else ""
    return f"<header><h3>{number}{escape(title)}</h3>{explanation}</header>"


def _prose(text: str) -> str:
    """Text whose `words in backticks` are code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _note(text: str) -> str:
    return f'<p class="lk-recorded">{text}</p>'


def card(label: str, parts: list[str], kind: str = "") -> str:
    """A card that stands alone: its style, and its parts in a region of that name."""
    inside = "".join(filter(None, parts))
    return (
        f'{_style()}<section class="lk-card {kind}" aria-label="{escape(label)}">{inside}</section>'
    )
