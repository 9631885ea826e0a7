"""One lab in one notebook: what it does now, and the cards that want to know."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from labkernel.errors import LabError
from labkernel.lab import Lab
from labkernel.steps import Outcome, Step
from labkernel.watching import OnSamples

if TYPE_CHECKING:
    from labkernel.drills import Drill

Done = Callable[["Outcome | BaseException"], None]
"""Called at a run's end, in its thread, with the outcome or with what prevented one."""


class Session:
    """Runs a lab's work, one at a time, each in a thread of its own.

    :ivar state: of the lab: ``down``, ``starting``, ``up`` or ``ending``.
    :ivar phase: of the work: ``""``, ``starting``, ``running``, ``checking``, ``moving``,
        ``undoing`` or ``ending``.
    :ivar doing: what is being done, a clause; ``part`` is how much of it (0 to 1, or unknown).
    :ivar problem: why the lab can't be started.
    :ivar step: whose work it is; ``current`` is the one that was worked on last.
    :ivar epoch: counts the starts of the lab: what was seen in an earlier one is void.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.state = "down"
        self.phase = ""
        self.doing = ""
        self.part: float | None = None
        self.problem: BaseException | None = None
        self.step: Step | None = None
        self.current: Step | None = None
        self.epoch = 0
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
                self.state = "up"
        except Exception as error:  # whatever it is, the card shows it
            self.problem = error
        self.changed()

    def notice(self) -> None:
        """See whether the lab runs, when others than the cards have worked with it."""
        if not self.busy:
            self.state = "up" if self.lab.is_up() else "down"
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
    ) -> bool:
        """Run a step; start the lab before if it does not run."""

        def work() -> Outcome:
            if not step.why_not():
                self._up()
            self._enter("running", f"Running on {step.on}")
            checking = lambda: self._enter("checking", "Checking")  # noqa: E731
            return self.lab.do(step, command, on_output, checking, on_samples)

        return self._work(lambda: _tell(done, work), step)

    def undo(self, step: Step, done: Callable[["BaseException | None"], None]) -> bool:
        """Take back what a step did, where it passed and can be taken back."""

        def work() -> None:
            error = None
            if step.undo and self.lab.has_passed(step) and self.lab.is_up():
                self._enter("undoing", "Undoing")
                try:
                    self.lab.undo(step)
                except (Exception, SystemExit) as caught:  # the card shows it
                    error = caught
            done(error)

        return self._work(work, step)

    def goto(self, step: Step, done: Callable[["BaseException | None"], None]) -> bool:
        """Bring the lab to what it is before a step."""

        def work() -> None:
            try:
                self._restart("moving", "Starting the lab afresh")
                self.lab.goto(step, self._replaying)
            except (Exception, SystemExit) as caught:  # the card shows it
                done(caught)
            else:
                done(None)

        return self._work(work, step)

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
            self.lab.stop()

    # -- work --------------------------------------------------------------------------------

    def _work(self, work: Callable[[], None], step: Step | None = None) -> bool:
        if not self._busy.acquire(blocking=False):
            return False
        self.step = step
        self.current = step or self.current
        name = f"{self.lab.name}: {step.title if step else 'lab'}"
        self._thread = threading.Thread(target=self._worker, args=(work,), name=name, daemon=True)
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
        except Exception as error:  # whatever it is, the lab's card shows it
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
        self._enter(phase, doing)

    def _up(self, afresh: bool = False) -> None:
        if not afresh and self.lab.is_up():
            self.lab.up()  # attaches, where another kernel started it
            self.state, self.problem = "up", None
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


def _tell(done: Done, work: Callable[[], Outcome]) -> None:
    try:
        result: Outcome | BaseException = work()
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
