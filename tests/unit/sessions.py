"""The sessions of labs that tests run, as a notebook has them."""

from weakref import WeakKeyDictionary

from labkernel import RunningLab
from labkernel.notebook.session import Session

_SESSIONS: WeakKeyDictionary[RunningLab, Session] = WeakKeyDictionary()


def session_of(running: RunningLab) -> Session:
    """The one session of a lab that runs."""
    return _SESSIONS.setdefault(running, Session(running))
