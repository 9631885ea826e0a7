"""The base class of live cards.

A card's state is one synchronised dict, so that every view, also one that opens later, shows the
same.  The output of a run is sent as messages, in batches.  A card accepts only its own actions.
"""

import threading
from typing import Any, ClassVar

import anywidget
import traitlets

from labkernel.notebook.assets import asset, style
from labkernel.notebook.session import Session
from labkernel.notebook.terminals import Desk

BUSY = "the lab is busy with something else: wait for its end"


class Card(anywidget.AnyWidget):
    """A live card: actions by name, and a state that follows the session."""

    _css = style() + asset("live.css", "terminal.css")

    about = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    saved = traitlets.Dict().tag(sync=True)  # what the notebook's file is to have

    actions: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session, about: dict[str, Any]) -> None:
        self.session = session
        self._desk = Desk(session, self.send)
        self._refreshing = threading.RLock()
        self._seen_in: set[str] = set()
        super().__init__(about=about)
        self.on_msg(self._heard)
        session.listen(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is; of two threads that do, the later one has the last word."""
        with self._refreshing:
            self.state = self.now()

    def now(self) -> dict[str, Any]:
        """The state as it is now."""
        raise NotImplementedError

    def do_terminal(self, message: dict[str, Any]) -> None:
        """The page wants a terminal on a node."""
        self._desk.ask(message)

    def do_tty(self, message: dict[str, Any]) -> None:
        """The page has a terminal over this comm."""
        self._desk.speak(message)

    def in_view(self, message: dict[str, Any]) -> bool:
        """Take that a view of the card has come into sight, or has left it.

        :returns: whether any of its views is in sight: a card may be in two pages, or pinned.
        """
        view = str(message.get("view", ""))
        (self._seen_in.add if message.get("visible") else self._seen_in.discard)(view)
        return bool(self._seen_in)

    def _heard(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        action = message.get("action")
        self.send({"kind": "ack", "id": message.get("id")})
        if action in self.actions:
            getattr(self, f"do_{action}")(message)
