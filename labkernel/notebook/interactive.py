"""Notebooks with a person in front of them: live cards, which return at once."""

import sys
from typing import Any

from labkernel.drills import Drill
from labkernel.lab import Lab
from labkernel.notebook import courses, diagram, saved, static
from labkernel.notebook.courses import Course
from labkernel.notebook.current import notebook
from labkernel.notebook.display import display_bundle, in_notebook, nobody_is_there
from labkernel.notebook.session import Session
from labkernel.steps import Step
from labkernel.transcript import prompt

_NOT_RUN = (
    "Not run: this notebook is executed by a program, and a card waits for somebody to press Run. "
    "Try: labkernel run {lab}, or LABKERNEL_AUTO=1 in the environment"
)


def show(thing: Lab | Step | Drill, session: Session) -> None:
    """Show the live card; without a notebook's page, what it would say."""
    bundle = _bundle(thing, session)
    if in_notebook():
        session.attach()
        bundle |= _widget(thing, session)
    display_bundle(bundle)
    if not isinstance(thing, Lab) and nobody_is_there():
        print(_NOT_RUN.format(lab=session.lab.name), file=sys.stderr)


def show_course(course: Course) -> None:
    """Show the live card of the course; without a notebook's page, the list."""
    text = courses.TEXT.format(count=len(course.entries))
    bundle: dict[str, Any] = {"text/plain": text, "text/html": static.course(course)}
    if in_notebook():
        from labkernel.notebook.course_card import CourseCard

        card = notebook.course = notebook.course or CourseCard(course)
        bundle |= _view(card.model_id) | {saved.CARD: saved.card(courses.KEY, card.model_id)}
    display_bundle(bundle)


def _view(model_id: str) -> dict[str, Any]:
    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    return {"application/vnd.jupyter.widget-view+json": view}


def _bundle(thing: Lab | Step | Drill, session: Session) -> dict[str, Any]:
    if isinstance(thing, Drill):
        return {"text/plain": thing.title, "text/html": static.drill_card(thing)}
    return _lab_bundle(session) if isinstance(thing, Lab) else _step_bundle(thing, session.lab)


def _lab_bundle(session: Session) -> dict[str, Any]:
    running = session.running
    text = f"{running.lab.title}\n{diagram.table(running.topology)}"
    return {"text/plain": text, "text/html": static.lab_card(running)}


def _step_bundle(step: Step, lab: Lab) -> dict[str, Any]:
    command = [f"(on {step.on})"] if step.is_task else prompt(step.on, step.run)
    text = "\n".join([step.title, *command])
    return {"text/plain": text, "text/html": static.step_card(step, lab)}


def _widget(thing: Lab | Step | Drill, session: Session) -> dict[str, Any]:
    from labkernel.notebook.cards import card_of  # 0.7 s: only where there is a page for it

    card = card_of(thing, session)
    fresh = {saved.CARD: saved.card(saved.key_of(thing, session.lab), card.model_id)}
    return _view(card.model_id) | fresh | card.saved
