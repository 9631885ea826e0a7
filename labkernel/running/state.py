"""What a running lab itself keeps: which steps have passed in it, and what else concerns it alone.

It is with the running lab, and ends with it; whoever attaches to the lab finds it, and what several
write at the same time is all kept.
"""

from collections.abc import Iterable
from typing import Any

from labkernel.backends import capabilities
from labkernel.backends.base import Backend

_READY = "ready"
#: before a step's name: it has passed, and holds; it has passed at some time
_PASSED, _EVER = "passed/", "ever/"
#: before the name of anything else
_KEPT = "kept/"


class _InProcess:
    """What this process knows, where the running lab keeps nothing."""

    def __init__(self) -> None:
        self.attached: object = object()
        self._known: dict[str, Any] = {}

    def read_state(self) -> dict[str, Any]:
        return dict(self._known)

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        self._known = {n: v for n, v in (self._known | changes).items() if v is not None}
        return dict(self._known)

    def forget(self) -> None:
        self._known = {}


class LabState:
    """The memo of the lab that runs on a backend."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend if isinstance(backend, capabilities.State) else _InProcess()
        self._known: dict[str, Any] = {}
        self._attached: object = None

    def read(self) -> None:
        """Read it, unless this is still the lab that it was read of."""
        if self._attached != (attached := self._backend.attached):
            self._known, self._attached = self._backend.read_state(), attached

    def forget(self) -> None:
        """The lab has ended, and its memo with it."""
        self._known, self._attached = {}, None
        if isinstance(self._backend, _InProcess):
            self._backend.forget()

    def _change(self, changes: dict[str, Any]) -> None:
        self._known = self._backend.update_state(changes)

    @property
    def ready(self) -> bool:
        """Whether the lab is what its first step takes for granted."""
        return bool(self._known.get(_READY))

    def set_ready(self) -> None:
        """It is."""
        self._change({_READY: True})

    def has_passed(self, step: str) -> bool:
        """Whether a step has passed, and nothing since speaks against it."""
        return _PASSED + step in self._known

    def has_ever_passed(self, step: str) -> bool:
        """Whether a step has passed since the lab's start, whatever became of it."""
        return _EVER + step in self._known

    def set_passed(self, steps: Iterable[str]) -> None:
        """These steps have passed."""
        self._change({start + step: True for step in steps for start in (_PASSED, _EVER)})

    def set_not_passed(self, step: str) -> None:
        """This step has not, or no longer."""
        self._change({_PASSED + step: None})

    def keep(self, name: str, value: Any) -> None:
        """Keep something (JSON); ``None`` is nothing."""
        self._change({_KEPT + name: value})

    def kept(self, name: str) -> Any:
        """What :meth:`keep` was given; ``None`` if nothing."""
        return self._known.get(_KEPT + name)
