"""The live card of the course: each lab, how far one is with it, and the labs that run.

It stays true while one works: it is told when the record or the running labs have changed, and
looks again when it comes into view.  What takes long is done in a thread.
"""

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from labkernel import backends, settings
from labkernel.notebook import courses, verdict
from labkernel.notebook.assets import asset, style
from labkernel.notebook.changes import Changes
from labkernel.notebook.current import notebook

if TYPE_CHECKING:
    from labkernel.doctor import Report


class CourseCard(anywidget.AnyWidget):
    """The course: a static description, and a state that follows the record and the labs."""

    _esm = asset("common.js", "course.js")
    _css = style() + asset("live.css", "course.css")

    about = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    saved = traitlets.Dict().tag(sync=True)

    actions = ("hello", "seen", "end")

    def __init__(self, course: courses.Course) -> None:
        self._course = course
        self._running: list[dict[str, Any]] = []
        self._ending: set[str] = set()
        self._missing: set[str] = set()
        self._report: Report | None = None
        self._problem: verdict.Verdict | None = None
        self._ended = False
        self._lock = threading.RLock()
        self._due = threading.Event()
        about = {"labs": [entry.as_json() for entry in course.entries]}
        super().__init__(about=about, state=self._now())
        self.on_msg(self._heard)
        self._worker = threading.Thread(target=self._work, name="course", daemon=True)
        self._changes = Changes(self._due.set)
        self._worker.start()
        self._changes.start()

    def close(self) -> None:
        """End what it waits for, and the widget."""
        self._ended = True
        self._changes.end()
        self._due.set()
        self._worker.join()
        super().close()

    # -- what is shown ------------------------------------------------------------------------

    def _work(self) -> None:
        """Look at what runs, then, once, at what this machine can run; and look again when that is
        due."""
        self._try(self._look)
        self._try(self._examine)
        while not self._ended:
            self._due.wait()
            self._due.clear()
            self._try(self._look)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # whatever it is, the card shows it
            self._problem = verdict.of_error(error)
            self._show()

    def _look(self) -> None:
        found = [courses.described(each, name) for name, each in backends.running()]
        names = {name for entry in self._course.entries for name in entry.images}
        with self._lock:
            self._running = found
            self._missing = set(courses.missing_images(names))
        self._show()

    def _examine(self) -> None:
        from labkernel.doctor import report

        self._report = report(settings.vms(), settings.image_overrides())
        self._show()

    def _show(self) -> None:
        with self._lock:
            self.state = self._now()

    def _now(self) -> dict[str, Any]:
        report = self._report
        return {
            "labs": {
                entry.name: courses.progress(entry.lab)
                for entry in self._course.entries
                if entry.lab
            },
            "running": [each | self._ends(each) for each in self._running],
            "missing": self._missing_images(),
            "looking": report is None,
            "unable": {
                lab.name: {"why": lab.why, "remedy": lab.remedy}
                for lab in (report.labs if report else ())
                if not lab.able and not lab.builds
            },
            "facts": [asdict(fact) for fact in (report.facts if report else ())],
            "verdict": self._problem,
        }

    def _missing_images(self) -> dict[str, list[str]]:
        found = {
            entry.name: [name for name in entry.images if name in self._missing]
            for entry in self._course.entries
        }
        return {name: names for name, names in found.items() if names}

    def _ends(self, running: dict[str, Any]) -> dict[str, bool]:
        """Check if it is being ended, and if its end may lose what somebody has done in it."""
        session = notebook.shown(running["lab"])
        mine = session is not None and running["instance"] == running["lab"]
        touched = session.touched if session and mine and session.state == "up" else True
        return {"ending": running["instance"] in self._ending, "touched": touched}

    # -- what is asked for --------------------------------------------------------------------

    def _heard(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        self.send({"kind": "ack", "id": message.get("id")})
        if message.get("action") in self.actions:
            getattr(self, f"do_{message['action']}")(message)

    def do_hello(self, _message: dict[str, Any]) -> None:
        """The page asks whether anyone is there."""

    def do_seen(self, _message: dict[str, Any]) -> None:
        """The card has come into view: memory is not reported by anybody."""
        self._due.set()

    def do_end(self, message: dict[str, Any]) -> None:
        """End a lab that runs."""
        for each in self._running:
            if each["instance"] == message.get("instance") not in self._ending:
                self._ending.add(each["instance"])
                self._problem = None
                threading.Thread(target=self._end, args=(each,), daemon=True).start()
        self._show()

    def _end(self, running: dict[str, Any]) -> None:
        instance, session = running["instance"], notebook.shown(running["lab"])
        try:
            if session and instance == running["lab"] and session.end():  # its cards tell it
                session.wait()
            else:
                backends.make(running["backend"], instance=instance).down()
        except Exception as error:  # whatever it is, the card shows it
            self._problem = verdict.of_error(error)
        self._ending.discard(instance)
        self._look()
