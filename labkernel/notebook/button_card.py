"""The live card of what takes long: a button, a bar, and what came of it."""

from typing import Any

from labkernel.errors import LabError
from labkernel.notebook import saved, static, verdict, views
from labkernel.notebook.assets import asset
from labkernel.notebook.card import BUSY, Card
from labkernel.notebook.deferred import NOT_YET, Deferred
from labkernel.notebook.session import Session


class ButtonCard(Card):
    """A button, the progress of its work, and the result."""

    _esm = asset("common.js", "ask.js")
    actions = ("hello", "run", "stop")

    def __init__(self, asked: Deferred, session: Session) -> None:
        self.asked = asked
        self.key = f"{session.lab.name}/asked {asked.label}"
        self._doing = ""
        self._part: float | None = None
        self._html = ""
        self._verdict: verdict.Verdict | None = None
        super().__init__(session, {"label": asked.label})

    def now(self) -> dict[str, Any]:
        """The card's state: the current work, its progress, and the result."""
        return {
            "busy": self.session.busy,
            "doing": self._doing if self.session.busy else "",
            "part": self._part,
            "html": self._html,
            "verdict": self._verdict,
        }

    def do_hello(self, _message: dict[str, Any]) -> None:
        """The page asks whether anyone is there."""

    def do_stop(self, _message: dict[str, Any]) -> None:
        """Interrupt it."""
        self.session.stop()

    def do_run(self, _message: dict[str, Any]) -> None:
        """Do it."""
        if self._doing and self.session.busy:
            return
        if (missing := self.asked.missing) is not None:
            self._say(LabError(NOT_YET.format(missing.label)))
            return
        self._doing, self._part, self._verdict = self.asked.label, None, None
        if not self.session.carry_out(self.asked.label, self._work):
            self._say(LabError(BUSY))

    def _work(self) -> None:
        try:
            self.asked.do(self._progress)
            self._html = "" if self.asked.result is None else views.html(self.asked.result)
        except (Exception, SystemExit) as error:  # whatever it is, the card shows it
            self._say(error)
        else:
            self._save()
        finally:
            self._doing = ""

    def _progress(self, doing: str, fraction: float | None) -> None:
        self._doing, self._part = doing, fraction
        self.refresh()

    def _say(self, error: BaseException) -> None:
        self._verdict = verdict.of_error(error)
        self.refresh()

    def _save(self) -> None:
        html = static.card(self.asked.label, [f'<div class="lk-view">{self._html}</div>'])
        self.saved = {
            saved.CARD: saved.card(self.key, self.model_id, ended=True),
            "text/html": static.unstyled(html),
            "text/plain": str(self.asked),
        }
