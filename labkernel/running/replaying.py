"""Brings a running lab to a step: by doing the steps before it; and its steps that have passed."""

from collections.abc import Callable, Sequence
from typing import Self

from labkernel.errors import AuthorError, LabError
from labkernel.running.execution import OnOutcome, OnStep
from labkernel.running.nodes import RunningNodes
from labkernel.steps import Outcome, Step


class NotReplayed(LabError):
    """A step on the way to another one did not pass.

    :param failing: the beginning of the message, a clause.
    """

    def __init__(self, failing: str, step: Step, failure: LabError) -> None:
        self.step = step
        super().__init__(f'{failing}: step "{step.title}" did not pass. {failure}')


class Replaying(RunningNodes):
    """Replays steps; how a step is done, the class that extends it knows."""

    def do(self, step: Step) -> Outcome:
        """Run a step and its check."""
        raise NotImplementedError

    def goto(
        self,
        step: Step,
        on_step: OnStep | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> Self:
        """Bring the lab to the state before a step: reset it, and do every step up to it.

        :param on_outcome: called with the outcome of each step that was done.
        :raises NotReplayed: one of these steps does not pass.
        """
        before = self.lab.steps[: self.lab.steps.index(step)]
        self.reset()
        failing = f'could not get to "{step.title}"'
        self.replay(self._cut_short(before), failing, on_step, on_outcome)
        return self

    def _cut_short(self, steps: Sequence[Step]) -> Sequence[Step]:
        """Run the shortcut to the latest step; returns the steps that are still to be done."""
        for count in range(len(steps), 0, -1):
            if by := self.lab.shortcut_to(steps[count - 1]):
                by(self)
                self._state.set_passed(step.name for step in steps[:count])
                return steps[count:]
        return steps

    def replay(
        self,
        steps: Sequence[Step],
        failing: str,
        on_step: OnStep | None = None,
        on_outcome: OnOutcome | None = None,
        do: Callable[[Step], Outcome] | None = None,
    ) -> None:
        """Do several steps in their order.

        :param failing: the beginning of the message if one does not pass, a clause.
        :param do: does a step; by default its own command.
        :raises NotReplayed: one does not pass.
        """
        for index, step in enumerate(steps):
            if on_step:
                on_step(step, index, len(steps))
            outcome = (do or self.do)(step)
            if on_outcome:
                on_outcome(outcome)
            if outcome.failure:
                raise NotReplayed(failing, step, outcome.failure) from outcome.failure

    def has_passed(self, step: Step) -> bool:
        """Check if the step has passed in the running lab, also before a restart of the kernel."""
        return self._state.has_passed(step.name)

    def lost(self, step: Step) -> None:
        """Record that a step that has passed no longer holds."""
        self._state.set_not_passed(step.name)

    def has_ever_passed(self, step: Step) -> bool:
        """Check if the step has passed since the lab's start, even if it was undone later."""
        return self._state.has_ever_passed(step.name)

    def missing_before(self, step: Step) -> list[Step]:
        """The steps before this one that have not passed in the running lab, and could have."""
        earlier = self.lab.steps[: self.lab.steps.index(step)]
        return [each for each in earlier if not self.has_passed(each) and _could_run(each)]


def _could_run(step: Step) -> bool:
    try:
        return not step.skip_reason()
    except AuthorError:  # the step's own verdict reports it
        return True
