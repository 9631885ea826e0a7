"""Work with a running lab: one thing at a time, each in a thread of its own."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from labkernel.progress import Remaining
from labkernel.running import RunningLab
from labkernel.steps import Step


class Work:
    """Does one thing at a time with a lab, and tells everyone how far it is.

    :ivar cards: of the lab, its steps and its drills: all views of one show the same.
    :ivar state: of the lab: ``down``, ``starting``, ``up`` or ``ending``.
    :ivar phase: of the work: ``""``, ``starting``, ``running``, ``checking``, ``moving``,
        ``undoing`` or ``ending``.
    :ivar doing: what is being done, a clause; ``fraction`` is how much of it (0 to 1, or unknown).
    :ivar remaining: the time that it will still take.
    :ivar problem: why the lab can't be started.
    :ivar step: whose work it is; ``current`` is whose was last.
    :ivar epoch: counts the starts of the lab: what was seen in an earlier one is void.
    :ivar code: the exit code of the step's command, as soon as it has ended.
    :ivar stopped: whether somebody has pressed Stop meanwhile.
    :ivar touched: whether a start afresh may lose what somebody has done in the running lab.
    """

    def __init__(self, running: RunningLab) -> None:
        self.running = running
        self.lab = running.lab
        self.cards: dict[object, Any] = {}
        self.state = "down"
        self.phase = self.doing = ""
        self.part: float | None = None
        self.remaining = Remaining()
        self.problem: BaseException | None = None
        self.step: Step | None = None
        self.current: Step | None = None
        self.epoch = 0
        self.code: int | None = None
        self.stopped = self.touched = False
        self._since = 0.0
        self._listeners: list[Callable[[], None]] = []
        self._busy = threading.Lock()
        self._refreshed = 0.0
        self._thread: threading.Thread | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Add a function that is called after each change, in any thread."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Tell everyone."""
        self._refreshed = time.monotonic()
        for listener in list(self._listeners):
            listener()

    @property
    def busy(self) -> bool:
        """Work is in progress."""
        return self._busy.locked()

    @property
    def elapsed(self) -> float:
        """Seconds since the work began; of a run, since its command did."""
        return time.monotonic() - self._since

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
            with self._undisturbed():
                work()
        except (Exception, SystemExit) as error:  # whatever it is, the lab's card shows it
            self.problem = error
        finally:
            self._settle()

    def _undisturbed(self) -> AbstractContextManager[object]:
        """A context in which nothing goes on beside the work."""
        return nullcontext()

    def _settle(self) -> None:
        try:
            self.state = "up" if self.running.is_up() else "down"
        except Exception as error:  # the lab's card shows it
            self.state, self.problem = "down", error
        self.step, self.phase, self.doing, self.part = None, "", "", None
        self.remaining.forget()
        self._busy.release()
        self.changed()

    def _enter(self, phase: str, doing: str, fraction: float | None = None) -> None:
        self.phase, self.doing, self.part = phase, doing, fraction
        self.remaining.hear(fraction)
        self.changed()

    def _restart(self, phase: str, doing: str) -> None:
        """Begin a new start of the lab, which invalidates earlier results."""
        self.state, self.problem = "starting", None
        self.epoch += 1
        self.touched = False
        self._enter(phase, doing)
        self.running.backend.build_missing_images(self.running.topology, self._progress)

    def _up(self, afresh: bool = False) -> None:
        if not afresh and self.running.is_up():
            self.running.up()  # attaches, where another kernel started it
            self.state, self.problem = "up", None
            return
        self._restart("starting", "Starting the lab")
        (self.running.reset if afresh else self.running.up)(self._progress)
        self.state = "up"
        self.changed()

    def _down(self) -> None:
        self.state, self.problem = "ending", None
        self.epoch += 1
        self._enter("ending", "Ending the lab")
        self.running.down()

    def _progress(self, doing: str, fraction: float | None) -> None:
        self.doing, self.part = doing, fraction
        self.remaining.hear(fraction)
        if time.monotonic() - self._refreshed > 0.1:
            self.changed()

    def _replaying(self, step: Step, index: int, count: int) -> None:
        self.state = "up"
        self._enter("moving", f"Replaying {index + 1} of {count}: {step.title}", index / count)
