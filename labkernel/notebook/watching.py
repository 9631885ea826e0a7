"""Looks again at what is in view when a kernel reports a change, while nothing is being done.

A card in view names events of the nodes' kernels (rtnetlink, nftables, files), and what is to be
done when one of them is reported.  Nothing is looked at where nothing is in view, and no time is
used while nothing changes.
"""

import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from labkernel.checks.events import Event
from labkernel.checks.reports import Reports
from labkernel.errors import Busy, LabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkernel.running import RunningLab

#: seconds in which several events are one change: `ip address add` reports four
_TOGETHER = 0.2
#: seconds until one is looked at again, where another process was doing something with the lab
_LATER = 1.0


class Watch(Protocol):
    """Something in view; equal ones are the same.

    :ivar events: those after which it is looked at again.
    """

    @property
    def events(self) -> frozenset[Event]: ...  # noqa: D102

    def look(self) -> None:
        """Look at it; called in a thread, while the lab is up and idle."""


class Watching:
    """Looks at what is in view: when it comes into view, and after each of its events.

    :param idle: whether the lab is up, and nothing is being done with it.
    """

    def __init__(self, running: "RunningLab", idle: "Callable[[], bool]") -> None:
        self._running, self._idle = running, idle
        self._seen: set[Watch] = set()
        self._due: set[Watch] = set()
        self._reports: Reports | None = None
        self._watched: frozenset[Event] = frozenset()
        self._lost: set[str] = set()
        self._renew = False
        self._changed = threading.Condition()
        self._looking = threading.Lock()
        self._thread: threading.Thread | None = None

    def show(self, watch: Watch, visible: bool) -> None:
        """Take that something is in view, or is no longer."""
        with self._changed:
            if visible:
                self._seen.add(watch)
                self._due.add(watch)
            else:
                self._seen.discard(watch)
                self._due.discard(watch)
            self._wake()

    def settled(self) -> None:
        """Take that something was done with the lab: it may have started, or ended."""
        with self._changed:
            self._due |= self._seen
            self._renew = bool(self._lost)  # the nodes of a new start report again
            self._wake()

    def paused(self) -> AbstractContextManager[object]:
        """A context that begins when what is being looked at is over, and in which nothing is
        looked at."""
        return self._looking

    def _wake(self) -> None:
        if self._thread is None and self._seen:
            self._thread = threading.Thread(target=self._work, name="watching", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _report(self, event: Event) -> None:
        with self._changed:
            self._due |= {watch for watch in self._seen if event in watch.events}
            self._wake()

    def _ended(self, node: str) -> None:
        """Take that a node reports no more: it has ended, or the lab has."""
        with self._changed:
            self._lost.add(node)
            self._due |= {w for w in self._seen if any(each.node == node for each in w.events)}
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
            with self._looking:
                if self._idle():
                    for watch in self._follow() or due:
                        self._look(watch)
        if reports:
            reports.close()

    def _follow(self) -> list[Watch]:
        """Wait for the events of what is in view now; returns what is to be looked at, since no
        events were awaited before."""
        with self._changed:
            seen = list(self._seen)
            renew, self._renew = self._renew, False
        wanted = frozenset[Event]().union(*(watch.events for watch in seen))
        if self._reports and wanted == self._watched and not renew:
            return []
        if self._reports:
            self._reports.close()
        self._watched = wanted
        self._lost.clear()
        self._reports = Reports(self._running, wanted, self._report, self._ended)
        self._reports.await_begin()
        return seen

    def _look(self, watch: Watch) -> None:
        try:
            watch.look()
        except Busy:  # another process does something with the lab
            self._later(watch)
        except LabError:
            return  # the lab has ended, or its author has made a mistake: Check tells

    def _later(self, watch: Watch) -> None:
        timer = threading.Timer(_LATER, self._again, (watch,))
        timer.daemon = True
        timer.start()

    def _again(self, watch: Watch) -> None:
        with self._changed:
            self._due |= {watch} & self._seen
            self._wake()
