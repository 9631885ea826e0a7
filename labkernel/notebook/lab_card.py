"""The live card of a lab: its picture, and Start, Reset and End."""

from typing import Any

from labkernel import picture
from labkernel.errors import BackendUnavailable
from labkernel.notebook import diagram, static, verdict
from labkernel.notebook.assets import asset
from labkernel.notebook.card import Card
from labkernel.notebook.session import Session


class LabCard(Card):
    """A lab: its picture, its state, and Start, Reset and End."""

    _esm = asset("common.js", "node.js", "lab.js")
    actions = ("hello", "start", "reset", "end", "terminal", "tty")

    def __init__(self, session: Session) -> None:
        lab, topology = session.lab, session.running.topology
        about = {
            "name": lab.name,
            "title": lab.title,
            "backend": static.unusual(session.running),
            "svg": diagram.svg(topology),
            "size": picture.style(diagram.width(topology), diagram.LETTER),
            "steps": [step.title for step in lab.steps],
        }
        super().__init__(session, about)

    def now(self) -> dict[str, Any]:
        """The lab's state, what is being done, and which steps have passed."""
        session, lab = self.session, self.session.lab
        up = session.state == "up"
        return {
            "lab": session.state,
            "busy": session.busy,
            "doing": session.doing,
            "part": session.part,
            "unable": isinstance(session.problem, BackendUnavailable),
            "verdict": verdict.of_error(session.problem) if session.problem else None,
            "touched": up and session.touched,
            "lit": session.current.on if up and session.current else "",
            "current": lab.steps.index(session.current) if session.current else -1,
            "passed": [up and session.running.has_ever_passed(step) for step in lab.steps],
        }

    def do_hello(self, _message: dict[str, Any]) -> None:
        """The page asks whether anyone is there."""

    def do_start(self, _message: dict[str, Any]) -> None:
        """Start."""
        self.session.start()

    def do_reset(self, _message: dict[str, Any]) -> None:
        """Reset."""
        self.session.reset()

    def do_end(self, _message: dict[str, Any]) -> None:
        """End."""
        self.session.end()
