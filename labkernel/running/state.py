"""The state that a running lab stores itself: steps that have passed, and other values.

It belongs to the running lab and ends with it.  Every process that attaches to the lab sees it, and
changes by several processes at the same time are merged.
"""

from collections.abc import Iterable
from typing import Any

from labkernel.backends import capabilities
from labkernel.backends.base import Backend

_READY = "ready"
#: prefixes of a step's name: it has passed, and was not undone; it has passed at some time
_PASSED, _EVER = "passed/", "ever/"
#: the prefix of other names
_VALUE = "value/"


class _InProcess:
    """State in this process, for backends that store none."""

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
    """The state of the lab that runs on a backend."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend if isinstance(backend, capabilities.State) else _InProcess()
        self._known: dict[str, Any] = {}
        self._attached: object = None

    def read(self) -> None:
        """Read the state, unless the backend is still attached to the same running lab."""
        if self._attached != (attached := self._backend.attached):
            self._known, self._attached = self._backend.read_state(), attached

    def forget(self) -> None:
        """Forget it: the lab has ended, and its state with it."""
        self._known, self._attached = {}, None
        if isinstance(self._backend, _InProcess):
            self._backend.forget()

    def _change(self, changes: dict[str, Any]) -> None:
        self._known = self._backend.update_state(changes)

    @property
    def ready(self) -> bool:
        """The lab's preparation is complete."""
        return bool(self._known.get(_READY))

    def set_ready(self) -> None:
        """Store that the lab's preparation is complete."""
        self._change({_READY: True})

    def has_passed(self, step: str) -> bool:
        """Check if a step has passed and was not undone or failed since."""
        return _PASSED + step in self._known

    def has_ever_passed(self, step: str) -> bool:
        """Check if a step has passed since the lab's start."""
        return _EVER + step in self._known

    def set_passed(self, steps: Iterable[str]) -> None:
        """Store that steps have passed."""
        self._change({start + step: True for step in steps for start in (_PASSED, _EVER)})

    def set_not_passed(self, step: str) -> None:
        """Store that a step has not passed."""
        self._change({_PASSED + step: None})

    def set_value(self, name: str, value: Any) -> None:
        """Store a value (JSON); ``None`` removes it."""
        self._change({_VALUE + name: value})

    def get_value(self, name: str) -> Any:
        """The value that :meth:`set_value` stored; ``None`` if there is none."""
        return self._known.get(_VALUE + name)
