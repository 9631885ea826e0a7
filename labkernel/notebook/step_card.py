"""The live card of a step: its command, what it printed, the verdict, and what can be done."""

from typing import Any

import traitlets

from labkernel import settings
from labkernel.errors import LabError
from labkernel.lab import Lab
from labkernel.notebook import saved, verdict
from labkernel.notebook.assets import asset
from labkernel.notebook.card import BUSY, Card
from labkernel.notebook.last_run import LastRun, Tell
from labkernel.notebook.output import Output
from labkernel.notebook.quiet import can_be_quiet
from labkernel.notebook.session import Session
from labkernel.observing import Artifact, Seen, Watch
from labkernel.steps import Outcome, Step

LONGEST = 100_000
"""Characters of a command that views share."""


class StepCard(Card):
    """A step: its command, what it prints, and how it ended."""

    _esm = asset("common.js", "node.js", "typed.js", "step.js")
    #: the command as somebody writes it, for all views; not in the state, which may be large
    typed = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    actions = (
        "hello", "seen", "typed", "run", "only_run", "check", "stop", "reset", "hint", "goto",
        "terminal", "tty",
    )  # fmt: skip

    def __init__(self, step: Step, session: Session) -> None:
        self.step = step
        self.output = Output(self._send_output)
        self.hints = 0
        self._epoch = -1
        self._command = self._on = ""
        self._last = LastRun()
        super().__init__(session, self._describe(session.lab))
        self._restore()

    def _restore(self) -> None:
        """Show what the trainee's record has of the step."""
        session, step = self.session, self.step
        self.hints = min(session.past.hints(step), len(step.hints) + step.is_task)
        if work := session.past.of(step):
            ended = work.ended
            self._epoch, self._last = session.epoch, LastRun.of_record(work)
            self._command, self._on = ended.command, ended.node
            if ended.command.strip() not in ("", "" if step.is_task else step.run.strip()):
                self.typed = ended.command[:LONGEST]
            self.output.write(ended.output)
        self.refresh()

    def _describe(self, lab: Lab) -> dict[str, Any]:
        step = self.step
        return {
            "title": step.title,
            "lab": lab.name,
            "place": lab.steps.index(step) + 1,
            "count": len(lab.steps),
            "node": step.on,
            "nodes": [] if step.runner else [node.name for node in lab.topology.nodes],
            "about": step.about,
            "task": step.is_task,
            "watch": next((o.title for o in step.observe if isinstance(o, Watch)), ""),
            "command": "" if step.is_task else step.run,
            "hints": len(step.hints) + step.is_task,
            "undoes": bool(step.undo),
            "quiet": settings.checks_quietly() and can_be_quiet(step),
        }

    def now(self) -> dict[str, Any]:
        """The step's state: its own work if it has some, else how it ended in this lab."""
        session, running = self.session, self.session.running
        if self._epoch != session.epoch:
            self._age()
        mine = session.step is self.step
        up = session.state == "up"
        holds = up and running.has_passed(self.step)
        missing = running.missing_before(self.step) if self._last.failed() else []
        return {
            "phase": session.phase if mine else "",
            "doing": session.doing if mine else "",
            "part": session.part if mine else None,
            "left": session.remaining.text if mine else "",
            "busy": session.busy,
            "other": session.step.title if session.step and not mine else "",
            "elapsed": session.elapsed if mine else None,
            "touched": up and session.touched,
            "passed": session.has_ever_passed(self.step),
            "holds": holds,
            "note": verdict.before(missing, session.lab.steps),
            "code": session.code if mine else None,
            "on": self._on or self.step.on,
            "hints": [*self.step.hints[: self.hints]],
            "solution": self.step.run if self._solved else "",
        } | self._last.now(holds)

    @property
    def _solved(self) -> bool:
        return self.step.is_task and self.hints > len(self.step.hints)

    def _age(self) -> None:
        """The lab was started again: what is shown is of an earlier start."""
        self._epoch = self.session.epoch
        if self._last.said and self._last.earlier is None:
            self._last.earlier = ""

    def _forget(self) -> None:
        """Forget the last results."""
        self._epoch = self.session.epoch
        self._last = LastRun()
        self.output.clear()

    def do_hello(self, _message: dict[str, Any]) -> None:
        """A new view asks for the output so far."""
        self._send_output(self.output.version, 0, self.output.text)

    def do_seen(self, message: dict[str, Any]) -> None:
        """The card has come into view, or has left it."""
        if self.about["quiet"]:
            self.session.watch(self.step, self.in_view(message))

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
        command, node = str(message.get("command", "")), self._node(message)
        if command.strip() and self._free():
            self.typed = command[:LONGEST]
            self._forget()
            self._command, self._on = command, node
            ended = self._ended if judged else self._ran
            self.session.run(
                self.step,
                command,
                self.output.write,
                ended,
                self._show_observed,
                judged,
                self.hints,
                node,
            )

    def _node(self, message: dict[str, Any]) -> str:
        """The node that was chosen in the page; the step's for anything else."""
        return next((n for n in self.about["nodes"] if n == message.get("node")), self.step.on)

    def do_check(self, _message: dict[str, Any]) -> None:
        """Judge the lab as it is; what the last run printed stays."""
        if self._free():
            later = self._later()
            self._last.void()
            self.session.check(self.step, self._checked, self.hints, later)

    def do_stop(self, _message: dict[str, Any]) -> None:
        """Interrupt it."""
        self.session.stop()

    def do_reset(self, _message: dict[str, Any]) -> None:
        """Back to the step's own command; what the step did is undone."""
        if self._free():
            self._forget()
            self.hints, self.typed = 0, None
            self.session.undo(self.step, self._done)

    def do_hint(self, _message: dict[str, Any]) -> None:
        """One hint more; for a task the last one is the solution."""
        self.hints = min(self.hints + 1, len(self.step.hints) + self.step.is_task)
        if self.session.record:
            self.session.record.note_hint(self.step.name, self.hints)
        self.refresh()

    def do_goto(self, _message: dict[str, Any]) -> None:
        """Bring the lab to what it is before this step."""
        if self._free():
            self.session.goto(self.step, self._done)

    def _free(self) -> bool:
        """Check if the lab is idle; otherwise show that it is busy (a page may send a click before
        it knows)."""
        if self.session.step is self.step:
            return False
        if self.session.busy:
            self._done(LabError(BUSY))
            return False
        return True

    def _done(self, error: BaseException | None) -> None:
        if error is not None:
            self._epoch = self.session.epoch
            self._last.take_error(error)
            self.refresh()

    def _checked(self, result: str | BaseException) -> None:
        self._epoch, self._last.seconds = self.session.epoch, self.session.elapsed
        if isinstance(result, BaseException):
            self._last.take_error(result)
        else:
            self._last.said = verdict.of_evidence(result)
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
            self._last.take_error(result)
        else:
            self._last.take(result, tell, self.session.elapsed)
        self.refresh()
        self._save()

    def take_replayed(self, outcome: Outcome) -> None:
        """Show what the step gave on the way to another one."""
        self._forget()
        self._command, self._on = outcome.command, outcome.node
        self.output.write(outcome.output)
        self.output.flush()
        self._last.take(outcome, verdict.of_outcome, outcome.seconds)
        self.refresh()

    def _later(self) -> str:
        """The words besides of a check that passes now."""
        return verdict.LATER if self._command and self._last.failed() else ""

    def take_noticed(self, seen: str) -> str:
        """Show that the task is done, as its check says by itself.

        :returns: what is said of it; empty if the card shows already that it is done.
        """
        last = self._last
        if last.said and last.said["kind"] == "passed" and last.earlier is None:
            return ""
        seen += self._later()
        self._epoch = self.session.epoch
        last.void()
        last.said = verdict.of_evidence(seen)
        self._save()
        return seen

    def _save(self) -> None:
        """Let the page write the work into the notebook's file."""
        last = self._last
        assert last.said is not None
        node = self._on or self.step.on
        work = saved.Work(self._command, node, self.output.text, last.said, last.kept)
        self.saved = saved.finished_step(self.step, self.session.lab, self.model_id, work)

    def _show_observed(self, so_far: Artifact) -> None:
        if not isinstance(so_far, Seen):
            return
        self._epoch = self.session.epoch
        self._last.watch(so_far)
        self.refresh()

    def _send_output(self, version: int, at: int, text: str) -> None:
        self.send({"kind": "output", "version": version, "at": at, "text": text})
