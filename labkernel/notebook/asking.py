"""What takes long starts when somebody asks for it: Run All Cells shows a button in its place."""

import inspect
from collections.abc import Callable
from html import escape
from typing import Any

from labkernel.notebook import mode, saved, static
from labkernel.notebook.display import display_bundle, in_notebook
from labkernel.notebook.session import Session, session_of

NOT_YET = "Not yet: press “{}”."


def asked(label: str, work: Callable[..., Any], *given: Any) -> Any:
    """Do it and return what comes of it, where nobody is in front of the notebook; else show a
    button of that label.

    :param work: if it takes ``on_progress``, a bar shows how far it is.
    :param given: its arguments, among them what was asked for earlier.
    :returns: with a button, an :class:`Asked`, whose ``result`` comes later.
    """
    lab = mode.current.lab
    if mode.current.headless or lab is None or not in_notebook():
        return work(*given)
    thing = Asked(label, work, given)
    thing.show(session_of(lab))
    return thing


class Asked:
    """What was asked for.

    :ivar done: whether ``result`` has come.
    """

    def __init__(self, label: str, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self.label = label
        self.work = work
        self.given = given
        self.done = False
        self.result: Any = None

    def __str__(self) -> str:
        return str(self.result) if self.done else NOT_YET.format(self.label)

    def _ipython_display_(self) -> None:
        """Nothing: its button is there already."""

    @property
    def missing(self) -> "Asked | None":
        """What it needs that has not been asked for."""
        waiting = [each for each in self.given if isinstance(each, Asked) and not each.done]
        return waiting[0] if waiting else None

    def do(self, on_progress: Callable[[str, float | None], None]) -> None:
        """Do it, with the results of what it needs."""
        given = [each.result if isinstance(each, Asked) else each for each in self.given]
        takes = inspect.signature(self.work).parameters
        more = {"on_progress": on_progress} if "on_progress" in takes else {}
        self.result = self.work(*given, **more)
        self.done = True

    def show(self, session: Session) -> None:
        """Show the button, and below it what was recorded, if something was."""
        from labkernel.notebook.ask_card import AskCard

        card = AskCard(self, session)
        view = {"version_major": 2, "version_minor": 0, "model_id": card.model_id}
        display_bundle(
            {
                "text/plain": str(self),
                "text/html": static.card(self.label, [f"<p>{escape(str(self))}</p>"]),
                "application/vnd.jupyter.widget-view+json": view,
                saved.CARD: saved.card(card.key, card.model_id),
                saved.NOT_RUN: {},
            }
        )
