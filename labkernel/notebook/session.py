"""One lab in one notebook: what it does now, and the cards that want to know."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from labkernel.errors import AuthorError, CheckFailed, CommandFailed, LabError, Stopped
from labkernel.lab import Lab
from labkernel.notebook import evaluation
from labkernel.notebook.past import Past
from labkernel.notebook.quiet import QuietCheck
from labkernel.notebook.watching import Watching
from labkernel.notebook.worker import Work
from labkernel.observing import OnArtifact
from labkernel.outcomes import OutcomeData
from labkernel.record import Record
from labkernel.running import Listener, RunningLab
from labkernel.running.resuming import resume
from labkernel.steps import Outcome, Step

if TYPE_CHECKING:
    from labkernel.drills import Drill

NOT_UP = "the lab does not run, so there is nothing to judge"

Done = Callable[["Outcome | BaseException"], None]
"""Called at a run's end, in its thread, with the outcome or with what prevented one."""


class Session(Work):
    """The actions of a lab's cards.

    :param chosen: the backend from the notebook's parameters; empty: the default.
    :param record: the trainee's record.
    """

    def __init__(self, running: RunningLab, chosen: str = "", record: Record | None = None) -> None:
        super().__init__(running)
        self.chosen = chosen
        self.record = record
        self.past = Past(running.lab, record)
        self.watching = Watching(running, lambda: self.state == "up" and not self.busy)
        self._attached = False

    def attach(self) -> None:
        """Find the lab, once, if it runs already; else make its start quicker.  Returns at once."""
        if self._attached:
            return
        self._attached = True
        threading.Thread(target=self._attach, name=f"attach {self.lab.name}", daemon=True).start()

    def _attach(self) -> None:
        try:
            if not self.running.is_up():
                self.running.backend.prepare()
                self.running.backend.require()
            elif not self.busy:
                self.running.up()
                self.state, self.touched = "up", True  # by whom and how is not known here
        except Exception as error:  # whatever it is, the card shows it
            self.problem = error
        self.changed()

    def notice(self) -> None:
        """See whether the lab runs, when others than the cards have worked with it."""
        if not self.busy:
            self.state = "up" if self.running.is_up() else "down"
            self.touched = True
            self.changed()

    def start(self) -> bool:
        """Start the lab.  False when it is busy."""
        return self._work(self._up)

    def reset(self) -> bool:
        """Start the lab afresh."""
        return self._work(lambda: self._up(afresh=True))

    def end(self) -> bool:
        """End the lab."""
        return self._work(self._down)

    def run(
        self,
        step: Step,
        command: str,
        on_output: Callable[[str], None],
        done: Done,
        observed: OnArtifact | None = None,
        judged: bool = True,
        hints: int = 0,
        on: str = "",
    ) -> bool:
        """Run a step; start the lab before if it does not run.

        :param judged: whether its check is asked.
        :param hints: how many were asked for, for the record.
        :param on: the node on which the command runs; the step's if empty.
        """
        node = on or step.on

        def work() -> Outcome:
            if not step.skip_reason():
                self._up()
                self.touched = True
            self._since = time.monotonic()
            self._enter("running", f"Running on {node}")
            ended = self._command_ended if judged else None
            listener = Listener(on_output, ended, observed)
            outcome = self.running.do(step, command, listener, judged, node)
            if judged:
                outcome = evaluation.with_check(self.running, outcome)
                self._note(OutcomeData.of(outcome), hints)
            return outcome

        return self._work(lambda: _tell(done, work), step)

    def _command_ended(self, outcome: Outcome) -> None:
        """Tell its exit code while the check still waits."""
        self.code = outcome.exit_code
        self._enter("checking", "Checking")

    def _note(self, ended: OutcomeData, hints: int) -> None:
        if self.record:
            self.record.note(ended, hints)

    def has_ever_passed(self, step: Step) -> bool:
        """Check if a step has passed, in the lab that runs or in an earlier one."""
        up = self.state == "up"
        return (up and self.running.has_ever_passed(step)) or self.past.has_passed(step)

    def check(
        self,
        step: Step,
        done: Callable[["str | BaseException"], None],
        hints: int = 0,
        more: str = "",
    ) -> bool:
        """Judge a step by the lab as it is.

        :param more: what is said besides, if it passes.
        """

        def work() -> str:
            if not self.running.is_up():
                raise LabError(NOT_UP, "Start, or Run")
            self.running.up()  # attaches, where another kernel started it
            self._enter("checking", "Checking")
            try:
                seen = self.running.check(step) + more
            except (CheckFailed, CommandFailed, AuthorError) as error:
                self._note(OutcomeData.of_check(step, error), hints)
                raise
            self._note(OutcomeData.of_check(step, seen), hints)
            return seen

        return self._work(lambda: _tell(done, work), step)

    def undo(self, step: Step, done: Callable[["BaseException | None"], None]) -> bool:
        """Take back what a step did, where it passed and can be taken back."""

        def work() -> None:
            if step.undo and self.running.has_passed(step) and self.running.is_up():
                self._enter("undoing", "Undoing")
                self.running.undo(step)

        return self._work(lambda: done(self._error_of(work, step)), step)

    def goto(self, step: Step, done: Callable[["BaseException | None"], None]) -> bool:
        """Bring the lab to what it is before a step."""

        def work() -> None:
            self._restart("moving", "Starting the lab afresh")
            self.running.goto(step, self._replaying, self._replayed)
            self.touched = False

        return self._work(lambda: done(self._error_of(work, step)), step)

    def resume(self, done: Callable[["list[Step] | BaseException"], None]) -> bool:
        """Bring a lab that has ended to where the trainee was; `done` gets the steps of which the
        trainee's own command no longer passes."""
        step = self.past.next_step()

        def work() -> list[Step]:
            if step is None:
                raise LabError("there is no step to go on with")
            self._restart("moving", "Starting the lab")
            own = self.past.commands()
            replaced = resume(
                self.running, step, own, self._replaying, self._replayed, self._progress
            )
            self.touched = True
            return replaced

        return self._work(lambda: _tell(done, work))

    def _undisturbed(self) -> AbstractContextManager[object]:
        return self.watching.paused()

    def _settle(self) -> None:
        super()._settle()
        self.watching.settled()

    def watch(self, step: Step, visible: bool) -> None:
        """Take that the card of a task with a quiet check is in view, or is no longer."""
        self.watching.show(QuietCheck(self.running, step, self._noticed), visible)

    def _noticed(self, step: Step, result: str | CheckFailed) -> None:
        """Take what a check has said that nobody asked for."""
        card = self.cards.get(step)
        if isinstance(result, CheckFailed):
            if self.running.has_passed(step):
                self.running.lost(step)
                self.changed()
        elif card and (said := card.take_noticed(result)):
            self._note(OutcomeData.of_check(step, said), card.hints)
            self.changed()

    def _replayed(self, outcome: Outcome) -> None:
        """Let the step's card show what came of it."""
        if card := self.cards.get(outcome.step):
            card.take_replayed(outcome)

    def _error_of(self, work: Callable[[], None], step: Step) -> BaseException | None:
        """Do the work; returns its error, or Stopped if Stop was pressed."""
        try:
            work()
            return None
        except (Exception, SystemExit) as error:  # whatever it is, the card shows it
            return Stopped(f'the way to "{step.title}"') if self.stopped else error

    def carry_out(self, doing: str, work: Callable[[], None], afresh: bool = False) -> bool:
        """Do something with the lab that is none of its steps.

        :param doing: what, a clause.
        :param afresh: whether it starts the lab afresh.
        """

        def run() -> None:
            (self._restart if afresh else self._enter)("running", doing)
            work()

        return self._work(run)

    def stop(self) -> None:
        """Interrupt what runs on the nodes."""
        if self.busy and self.state == "up":
            self.stopped = True
            self.running.stop()


def _tell(done: Callable[[Any], None], work: Callable[[], Any]) -> None:
    try:
        result = work()
    except (Exception, SystemExit) as error:  # whatever it is, the step's card shows it
        result = error
    done(result)


def lab_of(thing: "Step | Drill") -> Lab:
    """The lab that declares a step or a drill.

    :raises LabError: none does.
    """
    if not isinstance(thing.lab, Lab):
        raise LabError(f'step "{thing.title}" belongs to no lab: declare it by lab.step(…)')
    return thing.lab
