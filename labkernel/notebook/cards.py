"""The registry of live cards: a lab, a step and a drill have one each."""

from labkernel.drills import Drill
from labkernel.lab import Lab
from labkernel.notebook.card import Card
from labkernel.notebook.drill_card import DrillCard
from labkernel.notebook.lab_card import LabCard
from labkernel.notebook.session import Session
from labkernel.notebook.step_card import StepCard
from labkernel.steps import Step

__all__ = ["LabCard", "StepCard", "card_of"]


def card_of(thing: Lab | Step | Drill, session: Session) -> Card:
    """The one card of a lab, step or drill in its session: all its views show the same."""
    if thing not in session.cards:
        session.cards[thing] = _new(thing, session)
    card: Card = session.cards[thing]
    return card


def _new(thing: Lab | Step | Drill, session: Session) -> Card:
    if isinstance(thing, Drill):
        return DrillCard(thing, session)
    return StepCard(thing, session) if isinstance(thing, Step) else LabCard(session)
