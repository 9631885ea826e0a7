"""A drill in a running lab: prepare it, inject a fault, check the repair."""

import random
from collections.abc import Sequence
from typing import Any, Protocol

from labkernel.attempt import Attempt, Nodes
from labkernel.checks.combine import eventually, fails
from labkernel.drills import Drill, Fault
from labkernel.errors import CheckFailed, LabError
from labkernel.evaluation import evidence_of
from labkernel.steps import Step

#: seconds until a fault must have an effect, and until a repaired lab must work again
_BREAKS, _WORKS = 6.0, 10.0
_FAULT = "fault"


class DrillableLab(Nodes, Protocol):
    """A running lab, as a drill uses it."""

    def reset(self) -> object:
        """Start the lab afresh."""

    def replay(self, steps: Sequence[Step], failing: str) -> None:
        """Do several steps in their order."""

    def attempt(self) -> Attempt:
        """An attempt for a check, without a step."""

    def set_value(self, name: str, value: Any) -> None:
        """Store a value in the running lab."""

    def get_value(self, name: str) -> Any:
        """The value that :meth:`set_value` stored."""


class RunningDrill:
    """A drill in a running lab."""

    def __init__(self, running: DrillableLab, drill: Drill) -> None:
        self._running = running
        self._drill = drill

    @property
    def current(self) -> Fault | None:
        """The injected fault, also after a restart of the notebook's kernel; ``None`` if none."""
        name = self._running.get_value(_FAULT)
        return next((fault for fault in self._drill.faults if fault.name == name), None)

    def begin(self, seed: int | None = None) -> None:
        """Start the lab afresh, prepare it, and inject a random fault.

        :param seed: the same seed selects the same fault.
        :raises LabError: the lab doesn't work before the fault, or the fault has no effect.
        """
        self.set_up()
        self.break_by(random.Random(seed).choice(self._drill.faults))

    def set_up(self) -> None:
        """Start the lab afresh, and do the steps after which it works.

        :raises LabError: it doesn't work.
        """
        self._running.reset()
        self._running.replay(self._drill.prepare, f'could not begin "{self._drill.title}"')
        self.require_health()

    def break_by(self, fault: Fault) -> str:
        """Inject a fault into the working lab.

        :returns: the symptom.
        :raises LabError: the lab still works.
        """
        for node, command in fault.inject.items():
            self._running.run(node, command, expect=0)
        self._running.set_value(_FAULT, fault.name)
        broken = fails(self._drill.health, "that it works")
        try:
            eventually(broken, _BREAKS)(self._running.attempt())
        except CheckFailed:
            raise LabError(
                f'drill "{self._drill.title}": nothing is broken although {fault.title}'
            ) from None
        return self._symptom()

    def _symptom(self) -> str:
        """The symptom, checked again: the first failure may have been seen during a change."""
        try:
            self._health()
        except CheckFailed as failure:
            return failure.seen
        raise LabError(f'drill "{self._drill.title}": the fault has disappeared by itself')

    def _health(self) -> str:
        return evidence_of(self._drill.health, self._running.attempt())

    def require_health(self) -> str:
        """Wait until the lab works, as it does at once or after what fixed it.

        :raises CheckFailed: with the symptom.
        """
        return eventually(self._drill.health, _WORKS)(self._running.attempt())

    def check(self) -> str:
        """Check that the fault is repaired.

        :returns: what works again, what the fault was, and why it had this effect.
        :raises CheckFailed: it is not repaired; with the symptom.
        :raises LabError: there is no fault.
        """
        fault = self._broken()
        seen = self._health()
        self._running.set_value(_FAULT, None)
        return f"{seen}. It was this: {fault.title}. {fault.why}"

    def solve(self) -> str:
        """Repair the fault, for a trainee who gives up; returns the result of :meth:`check`.

        :raises LabError: there is no fault, or it can't be repaired.
        """
        for node, command in self._broken().fix.items():
            self._running.run(node, command, expect=0)
        self.require_health()
        return self.check()

    def _broken(self) -> Fault:
        if self.current is None:
            raise LabError("nothing is broken: press Break it first")
        return self.current
