"""A button that starts long work, so that Run All Cells does not."""

from collections.abc import Callable
from html import escape
from typing import Any

from labkernel.notebook import saved, static
from labkernel.notebook.current import notebook
from labkernel.notebook.deferred import Deferred
from labkernel.notebook.display import display_bundle, in_notebook
from labkernel.notebook.session import Session


def button(label: str, work: Callable[..., Any], *given: Any) -> Any:
    """Show a button that starts the work; a headless notebook does the work at once.

    :param work: if it takes ``on_progress``, a bar shows its progress.
    :param given: its arguments; one may be what an earlier button returned.
    :returns: the result of the work if it was done at once, or else a
        :class:`~labkernel.notebook.deferred.Deferred`, which has its ``result`` later.
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
