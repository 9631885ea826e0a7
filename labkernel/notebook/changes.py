"""Tells when the trainee's record, or which labs run, has changed: without asking now and then."""

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from labkernel import backends, resources
from labkernel.errors import LabError

if TYPE_CHECKING:
    from labkernel.inotify import Written

#: seconds without a further change: several belong together
_TOGETHER = 0.2


class Changes(threading.Thread):
    """Calls a function after each change, in a thread of its own, which waits for the kernel's
    report (inotify(7)) meanwhile.

    On other systems, and where nothing can be watched, it ends at once.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__(name="changes of the course", daemon=True)
        self._changed = changed
        self._written: Written | None = None
        self._lock = threading.Lock()
        self._ended = False

    def run(self) -> None:
        """Wait for changes, until it is ended."""
        if sys.platform != "linux":
            return
        try:
            while not self._ended:
                self._watch(_directories())
        except (OSError, LabError):
            return  # the page asks when it is looked at

    def end(self) -> None:
        """End it, and wait until it has."""
        with self._lock:
            self._ended = True
            if self._written:
                self._written.wake()
        self.join()

    def _watch(self, directories: list[str]) -> None:
        """Watch until one of the directories is no longer there, or it is ended."""
        from labkernel.inotify import Written

        written = Written(directories, others=True)
        with self._lock:
            self._written = written
        names = {""} if self._ended else set[str]()
        while "" not in names:
            self._changed()  # at first as well: what came before is not reported
            names = written.wait() | written.settle(_TOGETHER)
        with self._lock:
            self._written = None
        written.close()


def _directories() -> list[str]:
    state = resources.state()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [str(state), *backends.watched()]
