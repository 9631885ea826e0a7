"""One lab in one notebook: what it does now, and the cards that want to know."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from labkernel.errors import LabError, Stopped
from labkernel.lab import Lab
from labkernel.notebook import ticks
from labkernel.steps import Outcome, Step
from labkernel.watching import OnSamples

if TYPE_CHECKING:
    from labkernel.drills import Drill

NOT_UP = "the lab does not run, so there is nothing to judge. Try: Start, or Run"

Done = Callable[["Outcome | BaseException"], None]
"""Called at a run's end, in its thread, with the outcome or with what prevented one."""


class Session:
    """Runs a lab's work, one at a time, each in a thread of its own.

    :ivar state: of the lab: ``down``, ``starting``, ``up`` or ``ending``.
    :ivar phase: of the work: ``""``, ``starting``, ``running``, ``checking``, ``moving``,
        ``undoing`` or ``ending``.
    :ivar doing: what is being done, a clause; ``part`` is how much of it (0 to 1, or unknown).
    :ivar problem: why the lab can't be started.
    :ivar step: whose work it is; ``current`` is whose was last.
    :ivar epoch: counts the starts of the lab: what was seen in an earlier one is void.
    :ivar code: the exit code of the step's command, as soon as it has ended.
    :ivar stopped: whether somebody has pressed Stop meanwhile.
    :ivar touched: whether a start afresh may lose what somebody has done in the running lab.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.state = "down"
        self.phase = self.doing = ""
        self.part: float | None = None
        self.problem: BaseException | None = None
        self.step: Step | None = None
        self.current: Step | None = None
        self.epoch = 0
        self.code: int | None = None
        self.stopped = self.touched = False
        self._since = 0.0
        self._listeners: list[Callable[[], None]] = []
        self._busy = threading.Lock()
        self._told = 0.0
        self._thread: threading.Thread | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Have it called after each change, in any thread."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Tell everyone."""
        self._told = time.monotonic()
        for listener in list(self._listeners):
            listener()

    @property
    def busy(self) -> bool:
        """Whether some work is being done."""
        return self._busy.locked()

    @property
    def elapsed(self) -> float:
        """Seconds since the work began; of a run, since its command did."""
        return time.monotonic() - self._since

    # -- what the buttons do -----------------------------------------------------------------

    def attach(self) -> None:
        """Find the lab if it runs already; else make its start quicker.  Returns at once."""
        threading.Thread(target=self._attach, name=f"attach {self.lab.name}", daemon=True).start()

    def _attach(self) -> None:
        try:
            if not self.lab.is_up():
                self.lab.backend.prepare()
                self.lab.backend.require()
            elif not self.busy:
                self.lab.up()
                self.state, self.touched = "up", True  # by whom and how is not known here
        except Exception as error:  # whatever it is, the card shows it
            self.problem = error
        self.changed()

    def notice(self) -> None:
        """See whether the lab runs, when others than the cards have worked with it."""
        if not self.busy:
            self.state = "up" if self.lab.is_up() else "down"
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
        on_samples: OnSamples | None = None,
        judged: bool = True,
    ) -> bool:
        """Run a step; start the lab before if it does not run.

        :param judged: whether its check is asked.
        """

        def work() -> Outcome:
            if not step.why_not():
                self._up()
                self.touched = True
            self._since = time.monotonic()
            self._enter("running", f"Running on {step.on}")
            ended = self._command_ended if judged else None
            outcome = self.lab.do(step, command, on_output, ended, on_samples, judged)
            return ticks.with_check(self.lab, outcome) if judged else outcome

        return self._work(lambda: _tell(done, work), step)

    def _command_ended(self, outcome: Outcome) -> None:
        """Tell its exit code while the check still waits."""
        self.code = outcome.exit_code
        self._enter("checking", "Checking")

    def check(self, step: Step, done: Callable[["str | BaseException"], None]) -> bool:
        """Judge a step by the lab as it is."""

        def work() -> str:
            if not self.lab.is_up():
                raise LabError(NOT_UP)
            self.lab.up()  # attaches, where another kernel started it
            self._enter("checking", "Checking")
            return self.lab.judge(step)

        return self._work(lambda: _tell(done, work), step)

    def undo(self, step: Step, done: Callable[["BaseException | None"], None]) -> bool:
        """Take back what a step did, where it passed and can be taken back."""

        def work() -> None:
            if step.undo and self.lab.has_passed(step) and self.lab.is_up():
                self._enter("undoing", "Undoing")
                self.lab.undo(step)

        return self._work(lambda: done(self._error_of(work, step)), step)

    def goto(self, step: Step, done: Callable[["BaseException | None"], None]) -> bool:
        """Bring the lab to what it is before a step."""

        def work() -> None:
            self._restart("moving", "Starting the lab afresh")
            self.lab.goto(step, self._replaying)
            self.touched = False

        return self._work(lambda: done(self._error_of(work, step)), step)

    def _error_of(self, work: Callable[[], None], step: Step) -> BaseException | None:
        """What went wrong; what did because somebody pressed Stop is told as that."""
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
            self.lab.stop()

    # -- work --------------------------------------------------------------------------------

    def _work(self, work: Callable[[], None], step: Step | None = None) -> bool:
        if not self._busy.acquire(blocking=False):
            return False
        self.step, self.stopped, self.code = step, False, None
        self._since = time.monotonic()
        self.current = step or self.current
        self._thread = threading.Thread(target=self._worker, args=(work,), daemon=True)
        self._thread.start()
        return True

    def wait(self) -> None:
        """Wait until the work is done."""
        if self._thread:
            self._thread.join()

    def _worker(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (Exception, SystemExit) as error:  # whatever it is, the lab's card shows it
            self.problem = error
        finally:
            self._settle()

    def _settle(self) -> None:
        try:
            self.state = "up" if self.lab.is_up() else "down"
            if self.state == "up":
                ticks.keep(self.lab)
        except Exception as error:  # the lab's card shows it
            self.state, self.problem = "down", error
        self.step, self.phase, self.doing, self.part = None, "", "", None
        self._busy.release()
        self.changed()

    def _enter(self, phase: str, doing: str, part: float | None = None) -> None:
        self.phase, self.doing, self.part = phase, doing, part
        self.changed()

    def _restart(self, phase: str, doing: str) -> None:
        """What was seen before is void from here on."""
        self.state, self.problem = "starting", None
        self.epoch += 1
        self.touched = False
        self._enter(phase, doing)
        self.lab.backend.build_missing_images(self.lab.topology, self._progress)

    def _up(self, afresh: bool = False) -> None:
        if not afresh and self.lab.is_up():
            self.lab.up()  # attaches, where another kernel started it
            self.state, self.problem = "up", None
            ticks.keep(self.lab)
            return
        self._restart("starting", "Starting the lab")
        (self.lab.reset if afresh else self.lab.up)(self._progress)
        self.state = "up"
        self.changed()

    def _down(self) -> None:
        self.state, self.problem = "ending", None
        self.epoch += 1
        self._enter("ending", "Ending the lab")
        self.lab.down()

    def _progress(self, doing: str, part: float | None) -> None:
        self.doing, self.part = doing, part
        if time.monotonic() - self._told > 0.1:
            self.changed()

    def _replaying(self, step: Step, place: int, count: int) -> None:
        self.state = "up"
        self._enter("moving", f"Replaying {place + 1} of {count}: {step.title}", place / count)


def _tell(done: Callable[[Any], None], work: Callable[[], Any]) -> None:
    try:
        result = work()
    except (Exception, SystemExit) as error:  # whatever it is, the step's card shows it
        result = error
    done(result)


_SESSIONS: "WeakKeyDictionary[Lab, Session]" = WeakKeyDictionary()


def session_of(lab: Lab) -> Session:
    """The lab's session in this process."""
    return _SESSIONS.setdefault(lab, Session(lab))


def lab_of(step: "Step | Drill") -> Lab:
    """The lab that declared a step or a drill.

    :raises LabError: none has.
    """
    if step.lab is None:
        raise LabError(f'step "{step.title}" belongs to no lab: declare it by lab.step(…)')
    return step.lab
