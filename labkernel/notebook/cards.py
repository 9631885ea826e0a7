"""The live cards of a lab and of its steps, and which card is whose."""

from collections.abc import Callable
from typing import Any

import traitlets

from labkernel import picture
from labkernel.drills import Drill
from labkernel.errors import BackendUnavailable, LabError
from labkernel.lab import Lab
from labkernel.notebook import diagram, saved, static, verdict, views
from labkernel.notebook.assets import asset
from labkernel.notebook.card import BUSY, Card
from labkernel.notebook.drill_card import DrillCard
from labkernel.notebook.output import Output
from labkernel.notebook.session import Session
from labkernel.observing import Artifact, Seen, Watch
from labkernel.steps import Outcome, Step

LONGEST = 100_000
"""Characters of a command that views share."""

Tell = Callable[[Outcome], verdict.Verdict]


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


class StepCard(Card):
    """A step: its command, what it prints, and how it ended."""

    _esm = asset("common.js", "node.js", "typed.js", "step.js")
    #: the command as somebody writes it, for all views; not in the state, which may be large
    typed = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    actions = (
        "hello", "typed", "run", "only_run", "check", "stop", "reset", "hint", "goto",
        "terminal", "tty",
    )  # fmt: skip

    def __init__(self, step: Step, session: Session) -> None:
        self.step = step
        self.output = Output(self._send_output)
        self._hints = 0
        self._seconds: float | None = None
        self._epoch = -1
        self._command = ""
        self._outcome: Outcome | None = None
        self._verdict: verdict.Verdict | None = None
        self._views: list[str] = []
        self._kept: list[str] = []
        self._watched: dict[str, str] | None = None
        super().__init__(session, self._describe(session.lab))

    def _describe(self, lab: Lab) -> dict[str, Any]:
        step = self.step
        return {
            "title": step.title,
            "lab": lab.name,
            "place": lab.steps.index(step) + 1,
            "count": len(lab.steps),
            "node": step.on,
            "about": step.about,
            "task": step.is_task,
            "watch": next((o.title for o in step.observe if isinstance(o, Watch)), ""),
            "command": "" if step.is_task else step.run,
            "hints": len(step.hints) + step.is_task,
            "undoes": bool(step.undo),
        }

    def now(self) -> dict[str, Any]:
        """The step's state: its own work if it has some, else how it ended in this lab."""
        session, running = self.session, self.session.running
        if self._epoch != session.epoch:
            self._forget()
        mine = session.step is self.step
        up = session.state == "up"
        kind = self._verdict["kind"] if self._verdict else "passed"
        failed = kind in ("not-yet", "failed", "error")
        missing = running.missing_before(self.step) if failed else []
        return {
            "phase": session.phase if mine else "",
            "doing": session.doing if mine else "",
            "part": session.part if mine else None,
            "busy": session.busy,
            "other": session.step.title if session.step and not mine else "",
            "elapsed": session.elapsed if mine else None,
            "touched": up and session.touched,
            "passed": up and running.has_ever_passed(self.step),
            "holds": up and running.has_passed(self.step),
            "verdict": self._verdict,
            "note": verdict.before(missing, session.lab.steps),
            "seconds": self._seconds,
            "command_seconds": self._outcome.seconds if self._outcome else None,
            "code": session.code if mine else None,
            "hints": [*self.step.hints[: self._hints]],
            "solution": self.step.run if self._solved else "",
            "views": self._views,
            "watched": self._watched,
        }

    @property
    def _solved(self) -> bool:
        return self.step.is_task and self._hints > len(self.step.hints)

    def _forget(self) -> None:
        """What was seen in an earlier start of the lab is void."""
        self._epoch = self.session.epoch
        self._outcome, self._verdict, self._views, self._kept = None, None, [], []
        self._watched = self._seconds = None
        self.output.clear()

    def do_hello(self, _message: dict[str, Any]) -> None:
        """A new view asks for the output so far."""
        self._send_output(self.output.version, 0, self.output.text)

    def do_typed(self, message: dict[str, Any]) -> None:
        """Someone writes a command: other views show it as well."""
        self.typed = str(message.get("command", ""))[:LONGEST]

    def do_run(self, message: dict[str, Any]) -> None:
        """Run the command that stands in the card, and judge it."""
        self._run(message, judged=True)

    def do_only_run(self, message: dict[str, Any]) -> None:
        """Run the command that stands in the card, and judge nothing."""
        self._run(message, judged=False)

    def _run(self, message: dict[str, Any], judged: bool) -> None:
        command = str(message.get("command", ""))
        if command.strip() and self._free():
            self.typed = command[:LONGEST]
            self._forget()
            self._command = command
            ended = self._ended if judged else self._ran
            self.session.run(
                self.step,
                command,
                self.output.write,
                ended,
                self._show_observed,
                judged,
                self._hints,
            )

    def do_check(self, _message: dict[str, Any]) -> None:
        """Judge the lab as it is; what the last run printed stays."""
        if self._free():
            self._verdict, self._seconds, self._outcome = None, None, None
            self.session.check(self.step, self._checked, self._hints)

    def do_stop(self, _message: dict[str, Any]) -> None:
        """Interrupt it."""
        self.session.stop()

    def do_reset(self, _message: dict[str, Any]) -> None:
        """Back to the step's own command; what the step did is undone."""
        if self._free():
            self._forget()
            self._hints, self.typed = 0, None
            self.session.undo(self.step, self._done)

    def do_hint(self, _message: dict[str, Any]) -> None:
        """One hint more; for a task the last one is the solution."""
        self._hints = min(self._hints + 1, len(self.step.hints) + self.step.is_task)
        self.refresh()

    def do_goto(self, _message: dict[str, Any]) -> None:
        """Bring the lab to what it is before this step."""
        if self._free():
            self.session.goto(self.step, self._done)

    def _free(self) -> bool:
        """Whether the lab has nothing else to do; says so where it has (a page that pressed a
        button before it knew)."""
        if self.session.step is self.step:
            return False
        if self.session.busy:
            self._done(LabError(BUSY))
            return False
        return True

    def _done(self, error: BaseException | None) -> None:
        if error is not None:
            self._epoch = self.session.epoch
            self._verdict = verdict.of_error(error)
            self.refresh()

    def _checked(self, result: str | BaseException) -> None:
        self._epoch, self._seconds = self.session.epoch, self.session.elapsed
        if isinstance(result, BaseException):
            self._verdict = verdict.of_error(result)
        else:
            self._verdict = verdict.of_evidence(result)
        self.refresh()
        self._save()

    def _ended(self, result: Outcome | BaseException) -> None:
        self._take(result, verdict.of_outcome)

    def _ran(self, result: Outcome | BaseException) -> None:
        self._take(result, verdict.of_run)

    def _take(self, result: Outcome | BaseException, tell: Tell) -> None:
        self.output.flush()
        self._epoch = self.session.epoch
        if isinstance(result, BaseException):
            self._verdict = verdict.of_error(result)
        else:
            self._outcome, self._verdict = result, tell(result)
            self._seconds = None if result.not_run else self.session.elapsed
            self._show_view(result, judged=tell is verdict.of_outcome)
        self.refresh()
        self._save()

    def _save(self) -> None:
        """Have the page write into the notebook's file what was done."""
        assert self._verdict is not None
        work = saved.Work(self._command, self.output.text, self._verdict, self._kept)
        self.saved = saved.finished_step(self.step, self.session.lab, self.model_id, work)

    def _show_observed(self, so_far: Artifact) -> None:
        if not isinstance(so_far, Seen):
            return
        watch, samples = so_far.watch, so_far.samples
        self._epoch = self.session.epoch
        self._watched = {"html": watch.picture(samples, True), "text": watch.summary(samples[-1])}
        self.refresh()

    def _show_view(self, outcome: Outcome, judged: bool) -> None:
        try:
            made = views.of_view(outcome) if judged else []
            self._views = [*views.recorded(outcome, live=True), *made]
            self._kept = [*views.recorded(outcome), *made]
        except Exception as error:  # the lab author's: shown with its traceback
            self._verdict = verdict.of_error(error)

    def _send_output(self, version: int, at: int, text: str) -> None:
        self.send({"kind": "output", "version": version, "at": at, "text": text})


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
