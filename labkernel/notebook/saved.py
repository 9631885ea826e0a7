"""The saved form of a card in a notebook's file: its key, and its result.

The page writes it (the extension in ``jupyter/share``), since only the page writes the file.  It is
readable without a kernel, without scripts, and in an export.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labkernel.drills import Drill
from labkernel.lab import Lab
from labkernel.notebook import static
from labkernel.notebook.verdict import Verdict
from labkernel.steps import Step
from labkernel.transcript import prompt, shorten

CARD = "application/vnd.labkernel.card+json"
"""Its own MIME type: JupyterLab shows it with our extension, and the widget without it."""

NOT_RUN = "application/vnd.labkernel.not-run+json"
"""An output that stands for nothing that was seen: our extension leaves what was recorded below."""

LARGEST = 300_000
"""Characters of views that a card saves: a file of forty cards can still be opened."""

LEFT_OUT = '<p class="lk-recorded">What is shown here is too large for the file: run the step.</p>'


def key_of(thing: Lab | Step | Drill, lab: Lab) -> str:
    """The key of a card, which is the same after a restart of the kernel."""
    if isinstance(thing, Lab):
        return lab.name
    if isinstance(thing, Drill):
        return f"{lab.name}/drill {thing.title}"
    return f"{lab.name}/{thing.name}"


def card(key: str, model_id: str, ended: bool = False, command: str = "") -> dict[str, Any]:
    """The data that identify a card.

    :param ended: whether its result is saved beside it.
    :param command: the command that the trainee ran.
    """
    return {"version": 1, "key": key, "model_id": model_id, "ended": ended, "command": command}


def recorded(thing: Lab | Step | Drill, lab: Lab) -> dict[str, Any]:
    """The data that identify the card of a run that no trainee did: not done, for the page."""
    return {CARD: identity(key_of(thing, lab))}


def identity(key: str) -> dict[str, Any]:
    """The data of a recorded card: no kernel knows it."""
    return {"version": 1, "key": key, "recorded": True}


def bounded(shown: Sequence[str]) -> list[str]:
    """Views as far as there is room for them."""
    kept, room = [], LARGEST
    for html in shown:
        room -= len(html)
        kept.append(html if room >= 0 else LEFT_OUT)
    return kept


@dataclass(frozen=True)
class Work:
    """A trainee's work on a step.

    :ivar node: the node on which the command ran.
    :ivar output: the output of the command.
    :ivar shown: the HTML of its views.
    """

    command: str
    node: str
    output: str
    said: Verdict
    shown: Sequence[str]


def finished_drill(drill: Drill, model_id: str, said: Verdict) -> dict[str, Any]:
    """The output of a drill's cell, once something has been said of it."""
    return {
        CARD: card(f"{drill.lab.name}/drill {drill.title}", model_id, ended=True),
        "text/html": static.unstyled(static.finished_drill(drill, said)),
        "text/plain": "\n".join([drill.title, _in_words(said)]),
    }


def _in_words(said: Verdict) -> str:
    return f"{said['title']}: {said['text']}".removesuffix(": ")


def finished_step(step: Step, lab: Lab, model_id: str, work: Work) -> dict[str, Any]:
    """The output of a step's cell, once the step has ended."""
    html = static.finished_step(
        step, lab, work.command, work.output, work.said, bounded(work.shown), work.node
    )
    printed = shorten(work.output.rstrip().splitlines())
    asked = prompt(work.node, work.command) if work.command else []  # it was only checked
    return {
        CARD: card(key_of(step, lab), model_id, True, work.command),
        "text/html": static.unstyled(html),
        "text/plain": "\n".join([*asked, *printed, _in_words(work.said)]),
    }
