"""Quiet checks: a task's card turns green by itself when the trainee has done it elsewhere.

A check that names the kernel's events that can change its result, and sends no packets, is asked
again when one of them is reported: while the card is in view and nothing else is being done.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from labkernel.checks.combine import patience
from labkernel.checks.events import Event, events_of
from labkernel.checks.reports import Reports
from labkernel.errors import Busy, CheckFailed, LabError
from labkernel.running import RunningLab
from labkernel.steps import Step

#: seconds in which several events are one change: `ip address add` reports four
_TOGETHER = 0.2
#: seconds until a check is asked again, where another process was doing something with the lab
_LATER = 1.0

Found = Callable[[Step, "str | CheckFailed"], None]
"""Called with what a check said."""


def can_be_quiet(step: Step) -> bool:
    """Check if a step's check can be asked by itself."""
    events = events_of(step.check)
    return step.is_task and bool(events.change) and not events.sends


class Quiet:
    """Asks the checks of the tasks that are in view.

    :param idle: whether nothing is being done with the lab.
    :param found: see :data:`Found`.
    """

    def __init__(self, running: RunningLab, idle: Callable[[], bool], found: Found) -> None:
        self._running, self._idle, self._found = running, idle, found
        self._seen: dict[Step, frozenset[Event]] = {}
        self._due: set[Step] = set()
        self._reports: Reports | None = None
        self._watched: frozenset[Event] = frozenset()
        self._changed = threading.Condition()
        self._asking = threading.Lock()
        self._thread: threading.Thread | None = None

    def show(self, step: Step, visible: bool) -> None:
        """Take that a step's card is in view, or is no longer."""
        with self._changed:
            if visible:
                self._seen[step] = events_of(step.check).change
                self._due.add(step)
            else:
                self._seen.pop(step, None)
                self._due.discard(step)
            self._wake()

    def settled(self) -> None:
        """Take that something was done with the lab: it may have started, or ended."""
        with self._changed:
            self._due |= self._seen.keys()
            self._wake()

    def _wake(self) -> None:
        if self._thread is None and self._seen:
            self._thread = threading.Thread(target=self._work, name="quiet checks", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _report(self, event: Event) -> None:
        with self._changed:
            self._due |= {step for step, events in self._seen.items() if event in events}
            self._wake()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or not self._seen)
                if not self._seen:
                    # under the lock: the reports of a thread that begins now are not ended
                    reports, self._reports, self._thread = self._reports, None, None
                    break
                self._changed.wait(_TOGETHER)
                due, self._due = self._due, set()
            with self._asking:
                if self._idle():
                    for step in self._follow() or due:
                        self._ask(step)
        if reports:
            reports.close()

    def _follow(self) -> list[Step]:
        """Watch the events of what is in view now; returns whose check is to be asked, since
        nothing was watched before."""
        with self._changed:
            steps = list(self._seen)
            wanted = frozenset[Event]().union(*self._seen.values())
        if self._reports and self._reports.alive and wanted == self._watched:
            return []
        if self._reports:
            self._reports.close()
        self._watched = wanted
        self._reports = Reports(self._running, wanted, self._report)
        self._reports.await_begin()
        return steps

    def _ask(self, step: Step) -> None:
        try:
            with patience(0):
                self._found(step, self._running.check(step))
        except CheckFailed as failure:
            self._found(step, failure)
        except Busy:  # another process does something with the lab
            self._later(step)
        except LabError:
            return  # the lab has ended, or its author has made a mistake: Check tells

    def _later(self, step: Step) -> None:
        timer = threading.Timer(_LATER, self._again, (step,))
        timer.daemon = True
        timer.start()

    def _again(self, step: Step) -> None:
        with self._changed:
            self._due |= {step} & self._seen.keys()
            self._wake()

    def paused(self) -> AbstractContextManager[object]:
        """A context that begins when the check that is being asked has ended, and in which none is
        asked."""
        return self._asking
