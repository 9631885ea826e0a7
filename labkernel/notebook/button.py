"""What takes long starts when somebody asks for it: Run All Cells shows a button in its place."""

from collections.abc import Callable
from html import escape
from typing import Any

from labkernel.notebook import saved, static
from labkernel.notebook.current import notebook
from labkernel.notebook.deferred import Deferred
from labkernel.notebook.display import display_bundle, in_notebook
from labkernel.notebook.session import Session


def button(label: str, work: Callable[..., Any], *given: Any) -> Any:
    """Do it and return what comes of it, where nobody is in front of the notebook; else show a
    button of that label.

    :param work: if it takes ``on_progress``, a bar shows how far it is.
    :param given: its arguments, among them what was asked for earlier.
    :returns: with a button, an :class:`~labkernel.notebook.deferred.Deferred`, whose ``result`` comes
        later.
    """
    if notebook.headless or notebook.lab is None or not in_notebook():
        return work(*given)
    thing = Deferred(label, work, given)
    _show(thing, notebook.current())
    return thing


def _show(asked: Deferred, session: Session) -> None:
    """Show the button, and below it what was recorded, if something was."""
    from labkernel.notebook.button_card import ButtonCard

    card = ButtonCard(asked, session)
    view = {"version_major": 2, "version_minor": 0, "model_id": card.model_id}
    display_bundle(
        {
            "text/plain": str(asked),
            "text/html": static.card(asked.label, [f"<p>{escape(str(asked))}</p>"]),
            "application/vnd.jupyter.widget-view+json": view,
            saved.CARD: saved.card(card.key, card.model_id),
            saved.NOT_RUN: {},
        }
    )
