"""The live card of a drill: Break it, Check, Hint, Give up."""

from collections.abc import Callable
from typing import Any

from labkernel.drills import Drill
from labkernel.errors import LabError
from labkernel.notebook import saved, verdict
from labkernel.notebook.assets import asset
from labkernel.notebook.card import BUSY, Card
from labkernel.notebook.session import Session


class DrillCard(Card):
    """A drill: whether something is broken, the hints that were asked for, and the verdict."""

    _esm = asset("common.js", "drill.js")
    actions = ("hello", "begin", "check", "hint", "give_up")

    def __init__(self, drill: Drill, session: Session) -> None:
        self.drill = drill
        self._running = session.running.drill(drill)
        self._hints = 0
        self._doing = ""
        self._epoch = -1
        self._verdict: verdict.Verdict | None = None
        about = {"title": drill.title, "about": drill.about, "count": len(drill.faults)}
        super().__init__(session, about)

    def now(self) -> dict[str, Any]:
        """The card's state: if there is a fault, the current work, and the last message."""
        session = self.session
        if self._epoch != session.epoch and not self._doing:
            self._forget()
        up = session.state == "up"
        fault = self._running.current if up else None
        return {
            "busy": session.busy,
            "doing": self._doing if session.busy else "",
            "broken": fault is not None,
            "touched": up and session.touched,
            "hints": list(fault.hints[: self._hints]) if fault else [],
            "left": len(fault.hints) - self._hints if fault else 0,
            "verdict": self._verdict,
        }

    def _forget(self) -> None:
        """Forget hints and verdicts of an earlier start of the lab."""
        self._epoch = self.session.epoch
        self._hints, self._verdict = 0, None

    def do_hello(self, _message: dict[str, Any]) -> None:
        """The page asks whether anyone is there."""

    def do_begin(self, _message: dict[str, Any]) -> None:
        """Start the lab afresh, and break something."""

        def begin() -> str:
            self._running.begin()
            return ""

        self._do("Starting the lab afresh, and breaking something", begin, afresh=True)

    def do_check(self, _message: dict[str, Any]) -> None:
        """See whether it is fixed."""
        self._do("Checking", self._running.check)

    def do_give_up(self, _message: dict[str, Any]) -> None:
        """Fix it, and tell what it was."""
        self._do("Mending it", self._running.solve, verdict.of_given_up)

    def do_hint(self, _message: dict[str, Any]) -> None:
        """One hint more."""
        if (fault := self._running.current) is not None:
            self._hints = min(self._hints + 1, len(fault.hints))
            self.refresh()

    def _do(
        self,
        doing: str,
        work: Callable[[], str],
        tell: Callable[[str], verdict.Verdict] = verdict.of_evidence,
        afresh: bool = False,
    ) -> None:
        def run() -> None:
            try:
                said = work()
            except (Exception, SystemExit) as error:  # whatever it is, the card shows it
                self._verdict = verdict.of_error(error)
            else:
                self._verdict = tell(said) if said else None
            finally:
                self._doing = ""
            if self._verdict:
                self.saved = saved.finished_drill(self.drill, self.model_id, self._verdict)

        if self._doing:
            return
        if self.session.busy:
            self._verdict = verdict.of_error(LabError(BUSY))
            self.refresh()
            return
        if afresh:
            self._forget()
        self._doing = doing
        self._epoch = self.session.epoch + afresh
        if not self.session.carry_out(doing, run, afresh):
            self._doing = ""
