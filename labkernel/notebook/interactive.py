"""Notebooks with a person in front of them: live cards, which return at once."""

import sys
from typing import Any

from labkernel.drills import Drill
from labkernel.lab import Lab
from labkernel.notebook import diagram, saved, static
from labkernel.notebook.display import display_bundle, in_notebook, nobody_is_there
from labkernel.notebook.session import session_of
from labkernel.steps import Step
from labkernel.transcript import prompt

_NOT_RUN = (
    "Not run: this notebook is executed by a program, and a card waits for somebody to press Run. "
    "Try: labkernel run {lab}, or LABKERNEL_AUTO=1 in the environment"
)

_chosen: dict[Lab, str] = {}


def show(thing: Lab | Step | Drill, lab: Lab, backend: str) -> None:
    """Show the live card; without a notebook's page, what it would say."""
    _choose(lab, backend)
    bundle = _bundle(thing, lab)
    if in_notebook():
        bundle |= _widget(thing, lab)
    display_bundle(bundle)
    if not isinstance(thing, Lab) and nobody_is_there():
        print(_NOT_RUN.format(lab=lab.name), file=sys.stderr)


def _choose(lab: Lab, backend: str) -> None:
    """Choose the lab's backend once, or when the notebook's parameter changes."""
    if lab in _chosen and _chosen[lab] == backend:
        return
    if backend:
        lab.use(backend)
    _chosen[lab] = backend
    if in_notebook():
        session_of(lab).attach()


def _bundle(thing: Lab | Step | Drill, lab: Lab) -> dict[str, Any]:
    if isinstance(thing, Drill):
        return {"text/plain": thing.title, "text/html": static.drill_card(thing)}
    return _lab_bundle(lab) if isinstance(thing, Lab) else _step_bundle(thing, lab)


def _lab_bundle(lab: Lab) -> dict[str, Any]:
    text = f"{lab.title}\n{diagram.table(lab.topology)}"
    return {"text/plain": text, "text/html": static.lab_card(lab)}


def _step_bundle(step: Step, lab: Lab) -> dict[str, Any]:
    command = [f"(on {step.on})"] if step.is_task else prompt(step.on, step.run)
    text = "\n".join([step.title, *command])
    return {"text/plain": text, "text/html": static.step_card(step, lab)}


def _widget(thing: Lab | Step | Drill, lab: Lab) -> dict[str, Any]:
    from labkernel.notebook.cards import card_of  # 0.7 s: only where there is a page for it

    card = card_of(thing, lab)
    view = {"version_major": 2, "version_minor": 0, "model_id": card.model_id}
    fresh = {saved.CARD: saved.card(saved.key_of(thing, lab), card.model_id)}
    return {"application/vnd.jupyter.widget-view+json": view} | fresh | card.saved
