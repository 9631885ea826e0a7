"""A drill in a running lab: it is brought to work, broken, and mended."""

import random
from collections.abc import Sequence
from typing import Any, Protocol

from labkernel.attempt import Attempt, Nodes
from labkernel.checks.combine import eventually, fails
from labkernel.drills import Drill, Fault
from labkernel.errors import CheckFailed, LabError
from labkernel.evaluation import evidence_of
from labkernel.steps import Step

#: seconds in which a fault must show, and in which a mended lab must work again
_SHOWS, _WORKS = 6.0, 10.0
_FAULT = "fault"


class DrillableLab(Nodes, Protocol):
    """A running lab, as a drill needs it."""

    def reset(self) -> object:
        """Start it afresh."""

    def replay(self, steps: Sequence[Step], failing: str) -> None:
        """Do several steps in their order."""

    def attempt(self) -> Attempt:
        """What a check is given now."""

    def keep(self, name: str, value: Any) -> None:
        """Have the running lab keep something."""

    def kept(self, name: str) -> Any:
        """What :meth:`keep` was given."""


class RunningDrill:
    """A drill in a running lab."""

    def __init__(self, running: DrillableLab, drill: Drill) -> None:
        self._running = running
        self._drill = drill

    @property
    def current(self) -> Fault | None:
        """The fault that is in the running lab, also after a restart of the notebook's kernel."""
        name = self._running.kept(_FAULT)
        return next((fault for fault in self._drill.faults if fault.name == name), None)

    def begin(self, seed: int | None = None) -> None:
        """Start the lab afresh, bring it to work, and break something.

        :param seed: the same one breaks the same thing; without one, nobody knows.
        :raises LabError: the lab doesn't work to begin with, or the fault does not show.
        """
        self.set_up()
        self.break_by(random.Random(seed).choice(self._drill.faults))

    def set_up(self) -> None:
        """Start the lab afresh, and bring it to work.

        :raises LabError: it doesn't.
        """
        self._running.reset()
        self._running.replay(self._drill.prepare, f'could not begin "{self._drill.title}"')
        self._require_health()

    def break_by(self, fault: Fault) -> str:
        """Break the working lab by a fault.

        :returns: the symptom.
        :raises LabError: the lab works all the same.
        """
        for node, command in fault.inject.items():
            self._running.run(node, command, expect=0)
        self._running.keep(_FAULT, fault.name)
        broken = fails(self._drill.health, "that it works")
        try:
            eventually(broken, _SHOWS)(self._running.attempt())
        except CheckFailed:
            raise LabError(
                f'drill "{self._drill.title}": nothing is broken although {fault.title}'
            ) from None
        return self._symptom()

    def _symptom(self) -> str:
        """Looked at anew: the first sign of a fault may be one of a change that is under way."""
        try:
            self._health()
        except CheckFailed as failure:
            return failure.seen
        raise LabError(f'drill "{self._drill.title}": what was broken has mended itself')

    def _health(self) -> str:
        return evidence_of(self._drill.health, self._running.attempt())

    def _require_health(self) -> str:
        return eventually(self._drill.health, _WORKS)(self._running.attempt())

    def check(self) -> str:
        """Whether it is mended.

        :returns: what works again, what was broken, and why that had this effect.
        :raises CheckFailed: with the symptom.
        :raises LabError: nothing is broken.
        """
        fault = self._broken()
        seen = self._health()
        self._running.keep(_FAULT, None)
        return f"{seen}. It was this: {fault.title}. {fault.why}"

    def solve(self) -> str:
        """Mend it, for a trainee who gives up; returns what :meth:`check` would.

        :raises LabError: nothing is broken, or it can't be mended.
        """
        for node, command in self._broken().fix.items():
            self._running.run(node, command, expect=0)
        self._require_health()
        return self.check()

    def _broken(self) -> Fault:
        if self.current is None:
            raise LabError("nothing is broken: press Break it first")
        return self.current
