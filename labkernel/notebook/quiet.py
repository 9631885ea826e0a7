"""Quiet checks: a task's card turns green by itself when the trainee has done it elsewhere.

A check that names the kernel's events that can change its result, and sends no packets, is asked
again when one of them is reported, while the card is in view.
"""

from collections.abc import Callable
from dataclasses import dataclass

from labkernel.checks.combine import patience
from labkernel.checks.events import Event, events_of
from labkernel.errors import CheckFailed
from labkernel.running import RunningLab
from labkernel.steps import Step

Found = Callable[[Step, "str | CheckFailed"], None]
"""Called with what a check said."""


def can_be_quiet(step: Step) -> bool:
    """Check if a step's check can be asked by itself."""
    events = events_of(step.check)
    return step.is_task and bool(events.change) and not events.sends


@dataclass(frozen=True)
class QuietCheck:
    """The check of a task that is in view; see :class:`labkernel.notebook.watching.Watch`."""

    running: RunningLab
    step: Step
    found: Found

    @property
    def events(self) -> frozenset[Event]:
        """The events that can change its result."""
        return events_of(self.step.check).change

    def look(self) -> None:
        """Ask it, without patience."""
        try:
            with patience(0):
                seen = self.running.check(self.step)
        except CheckFailed as failure:
            self.found(self.step, failure)
        else:
            self.found(self.step, seen)
