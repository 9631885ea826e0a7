"""The live card of a lab: its picture, and Start, Reset and End."""

from typing import Any

from labkernel import picture
from labkernel.errors import BackendUnavailable
from labkernel.notebook import diagram, static, verdict
from labkernel.notebook.assets import asset
from labkernel.notebook.card import Card
from labkernel.notebook.session import Session
from labkernel.steps import Step


class LabCard(Card):
    """A lab: its picture, its state, and Start, Reset and End."""

    _esm = asset("common.js", "node.js", "lab.js")
    actions = ("hello", "start", "continue", "reset", "end", "terminal", "tty")

    def __init__(self, session: Session) -> None:
        self._message: verdict.Verdict | None = None
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
        next_step = session.past.next_step() if session.state == "down" else None
        problem = verdict.of_error(session.problem) if session.problem else None
        return {
            "lab": session.state,
            "busy": session.busy,
            "doing": session.doing,
            "part": session.part,
            "left": session.remaining.text,
            "unable": isinstance(session.problem, BackendUnavailable),
            "verdict": problem or (self._message if up else None),
            "next": lab.steps.index(next_step) + 1 if next_step else 0,
            "touched": up and session.touched,
            "lit": session.current.on if up and session.current else "",
            "current": lab.steps.index(session.current) if session.current else -1,
            "passed": [session.has_ever_passed(step) for step in lab.steps],
        }

    def do_hello(self, _message: dict[str, Any]) -> None:
        """The page asks whether anyone is there."""

    def do_start(self, _message: dict[str, Any]) -> None:
        """Start."""
        self.session.start()

    def do_continue(self, _message: dict[str, Any]) -> None:
        """Bring the lab to where the trainee was."""
        self._message = None
        self.session.resume(self._resumed)

    def _resumed(self, result: list[Step] | BaseException) -> None:
        if isinstance(result, BaseException):
            self.session.problem = result
            return
        steps = self.session.lab.steps
        replaced = ", ".join(f"“{step.title}” ({steps.index(step) + 1})" for step in result)
        text = "Every step was done again, tasks by your own commands where these are recorded."
        if replaced:
            text = f"The solution took the place of commands that no longer pass: {replaced}."
        self._message = verdict.of_told("You are where you were", text)

    def do_reset(self, _message: dict[str, Any]) -> None:
        """Reset."""
        self.session.reset()

    def do_end(self, _message: dict[str, Any]) -> None:
        """End."""
        self.session.end()
