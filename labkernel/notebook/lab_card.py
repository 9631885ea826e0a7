"""The live card of a lab: its picture, and Start, Reset and End."""

from typing import Any

import traitlets

from labkernel import picture
from labkernel.errors import BackendUnavailable
from labkernel.notebook import diagram, static, verdict
from labkernel.notebook.assets import asset
from labkernel.notebook.card import Card
from labkernel.notebook.live_ports import LivePorts
from labkernel.notebook.ports import Live
from labkernel.notebook.session import Session
from labkernel.steps import Step
from labkernel.topology import Topology


class LabCard(Card):
    """A lab: its picture, its state, and Start, Reset and End."""

    _esm = asset("common.js", "node.js", "lab.js")
    actions = ("hello", "start", "continue", "reset", "end", "seen", "terminal", "tty")

    #: the lab as it is now, ``svg`` and ``size`` as in `about`; empty: as it is declared
    picture = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session) -> None:
        self._message: verdict.Verdict | None = None
        lab, topology = session.lab, session.running.topology
        about = {
            "name": lab.name,
            "title": lab.title,
            "backend": static.unusual(session.running),
            "steps": [step.title for step in lab.steps],
        }
        super().__init__(session, about | _drawn(topology))

    def refresh(self) -> None:
        """Show what is; a lab that is not up is as it is declared."""
        if self.session.state != "up" and self.picture:
            self.picture = {}
        super().refresh()

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

    def do_seen(self, message: dict[str, Any]) -> None:
        """The card is in view, or is no longer: the picture follows the lab while it is."""
        watch = LivePorts(self.session.running, self._found)
        self.session.watching.show(watch, self.in_view(message))

    def _found(self, live: Live | None) -> None:
        """Take how the nodes are; a lab that was ended elsewhere has none."""
        if live is None:
            self.session.notice()
        elif self.session.state == "up":
            self.picture = _drawn(self.session.running.topology, live)

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


def _drawn(topology: Topology, live: Live | None = None) -> dict[str, str]:
    """The picture as SVG, and the style that keeps its letters legible."""
    return {
        "svg": diagram.svg(topology, "up" if live else "down", live=live),
        "size": picture.style(diagram.width(topology, live), diagram.LETTER),
    }
