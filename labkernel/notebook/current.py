"""The current notebook: its parameters, and a session for each lab that it shows."""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from labkernel import settings
from labkernel.errors import LabError
from labkernel.lab import Lab
from labkernel.notebook.session import Session
from labkernel.record import Record
from labkernel.running import RunningLab


@dataclass
class Notebook:
    """The notebook whose kernel this process is.

    :ivar backend: the name of the backend that its parameters chose; empty: each lab's first.
    :ivar run_steps: whether each step runs as soon as it is shown, without cards.
    :ivar lab: the one that was shown last.
    :ivar course: the live card of the course, once it was shown: all its views show the same.
    :ivar instance: what keeps the labs of a headless run apart from all others.
    """

    backend: str = ""
    run_steps: bool = False
    lab: Lab | None = None
    course: Any = None
    instance: str = field(default_factory=lambda: f"headless-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    _sessions: dict[Lab, Session] = field(default_factory=dict)

    @property
    def headless(self) -> bool:
        """Steps run without a click."""
        return self.run_steps or settings.is_unattended()

    def session(self, lab: Lab) -> Session:
        """The session of a lab; a new one where the parameters now choose another backend.

        :raises LabError: the lab can't run on that backend.
        """
        session = self._sessions.get(lab)
        if session is None or session.chosen != self.backend:
            session = Session(self._running(lab), self.backend, self._record(lab))
            self._sessions[lab] = session
        return session

    def shown(self, lab: str) -> Session | None:
        """The session of the lab of that name, if this notebook has shown it."""
        return next((self._sessions[each] for each in self._sessions if each.name == lab), None)

    def _record(self, lab: Lab) -> Record | None:
        """The trainee's record; None in a headless run, which is not a trainee's work."""
        if self.headless:
            return None
        return Record(lab, settings.keeps_events(), settings.keeps_work())

    def _running(self, lab: Lab) -> RunningLab:
        return RunningLab(
            lab,
            self.backend,
            instance=self.instance if self.headless else "",
            vms=settings.vms(),
            images=settings.image_overrides(),
            options={"linger": 0} if self.headless else None,
        )

    def current(self) -> Session:
        """The session of the lab that was shown last.

        :raises LabError: none was.
        """
        if self.lab is None:
            raise LabError("no lab has been shown yet: run the cell with show(lab) first")
        return self.session(self.lab)

    def find(self, name: str, load: Callable[[str], Lab]) -> Session:
        """The session of the lab of that name, among those that were shown, or of the one that is
        loaded."""
        shown = self.shown(name)
        return self.session(shown.lab if shown else load(name))


#: the one that there is: a kernel has one notebook
notebook = Notebook()
