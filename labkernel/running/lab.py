"""A lab that runs: its steps are done, checked, undone and replayed."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Self

from labkernel.backends.base import Backend
from labkernel.drills import Drill
from labkernel.errors import AuthorError, Busy, CheckFailed, CommandFailed, LabError, Stopped
from labkernel.lab import Lab
from labkernel.progress import OnProgress
from labkernel.running.attempts import StepAttempt, evidence, require_output
from labkernel.running.drills import RunningDrill
from labkernel.running.execution import Execution, Listener
from labkernel.running.nodes import RunningNodes
from labkernel.steps import Outcome, Step

OnStep = Callable[[Step, int, int], None]
"""Called before each replayed step with it, its index (from 0) and how many there are."""


class RunningLab(RunningNodes):
    """A lab that runs, or can; the arguments are those of
    :class:`~labkernel.running.nodes.RunningNodes`."""

    def __init__(
        self,
        lab: Lab,
        backend: str | Backend = "",
        *,
        instance: str = "",
        vms: Iterable[str] = (),
        images: Iterable[str] = (),
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(lab, backend, instance=instance, vms=vms, images=images, options=options)
        self._outcomes: dict[Step, Outcome] = {}
        self._execution: Execution | None = None
        self._doing = threading.Lock()
        self._stops = self._stops_before = 0

    def __repr__(self) -> str:
        return f"<RunningLab {self.lab.name} on {self.backend.name}>"

    def _prepare(self, on_progress: OnProgress | None) -> None:
        self._outcomes.clear()
        super()._prepare(on_progress)

    def down(self) -> None:
        """End it: nothing is left."""
        with self._starting:
            super().down()
            self._outcomes.clear()

    def reset(self, on_progress: OnProgress | None = None) -> Self:
        """Start it afresh.

        :raises LabError: a step of it is running.
        """
        with self._alone() if self.is_up() else nullcontext():
            return super().reset(on_progress)

    def stop(self) -> None:
        """Interrupt what runs, and the wait of a check."""
        self._stops += 1
        if execution := self._execution:
            execution.stop()
        super().stop()

    # -- steps -------------------------------------------------------------------------------

    def do(
        self,
        step: Step,
        command: str | None = None,
        listener: Listener | None = None,
        judged: bool = True,
    ) -> Outcome:
        """Run a step and its check; start the lab if it does not run.

        :param command: what to run in place of the step's own command.
        :param listener: is told of what happens meanwhile.
        :param judged: whether the check is asked, and how the step ended is noted.
        :returns: the outcome: passed, failed or not run.
        :raises LabError: another step is running.
        """
        text = step.run if command is None else command
        if why := step.skip_reason():
            outcome = Outcome(step, text, None, "", 0.0, skip_reason=why)
            if judged:
                self._outcomes[step] = outcome
            return outcome
        with self._alone(start=True):
            judge = self._judge if judged else self._unless_stopped
            self._execution = Execution(self, step, text, judge, listener or Listener())
            outcome = self._execution.outcome()
            if judged:
                self.record(outcome)
            return outcome

    @contextmanager
    def _alone(self, start: bool = False) -> Iterator[None]:
        """One step at a time, of this process and of others.

        :param start: whether the lab is started if it does not run.
        :raises LabError: another one is running.
        """
        if not self._doing.acquire(blocking=False):
            raise Busy("another step of this lab is running: wait for its end, or stop it")
        try:
            if start:
                self.up()
            with self.alone():
                self._stops_before = self._stops
                yield
        finally:
            self._execution = None
            self._doing.release()

    def _unless_stopped(self, outcome: Outcome) -> Outcome:
        """What was stopped is not judged."""
        if self._stops == self._stops_before or outcome.exit_code is None:
            return outcome
        return outcome.failed(Stopped(f'the step "{outcome.step.title}"'))

    def _judge(self, outcome: Outcome) -> Outcome:
        """Add what the check says; a task is right when its check is, whatever the command said."""
        step, outcome = outcome.step, self._unless_stopped(outcome)
        stopped = isinstance(outcome.failure, Stopped)
        if outcome.exit_code is None or stopped or (outcome.failure and not step.is_task):
            return outcome
        self._outcomes[step] = outcome
        try:
            return outcome.succeeded(self.evidence(step))
        except LabError as error:
            unmet = error if isinstance(error, CheckFailed) else None
            told = replace(outcome, unmet=unmet) if outcome.failure else outcome.failed(error)
            return self._unless_stopped(told)

    def record(self, outcome: Outcome) -> None:
        """Note how a step ended; the running lab keeps whether it has passed."""
        self._outcomes[outcome.step] = outcome
        if outcome.exit_code is None:
            return
        if outcome.passed:
            self._state.set_passed([outcome.step.name])
        else:
            self._state.set_not_passed(outcome.step.name)

    # -- checks ------------------------------------------------------------------------------

    def attempt(self, step: Step | None = None, outcome: Outcome | None = None) -> StepAttempt:
        """What a check is given now: of no step, the nodes alone; with an outcome, that one."""
        stops = self._stops
        outcome = outcome or (self._outcomes.get(step) if step else None)
        return StepAttempt(self, outcome, self._pcap, lambda: self._stops != stops)

    def _pcap(self) -> bytes | None:
        execution = self._execution
        return execution.pcap() if execution else None

    def evidence(self, step: Step, outcome: Outcome | None = None) -> str:
        """What a step's check sees in the lab as it is; nothing is noted; see :meth:`attempt`.

        :raises CheckFailed: it is not done.
        :raises AuthorError: the check says neither.
        """
        return evidence(step, self.attempt(step, outcome))

    def check(self, step: Step) -> str:
        """Check a step against the lab as it is, and note that it has passed if it has; a check
        that fails takes nothing away.

        :returns: what the check saw.
        :raises CheckFailed: it is not done, or the check looks at the output of what has not run.
        :raises CommandFailed: the check looks at what it printed, and it failed.
        """
        with self._alone():
            attempt = self.attempt(step)
            try:
                seen = evidence(step, attempt)
            except LabError as error:
                if attempt.stopped:
                    raise Stopped(f'the check of "{step.title}"') from error
                require_output(step, attempt)
                raise
            if not step.is_task:
                require_output(step, attempt)
            self._state.set_passed([step.name])
            return seen

    # -- the way through the lab -------------------------------------------------------------

    def undo(self, step: Step) -> None:
        """Take back what a step did.

        :raises LabError: it only looks, or its undo fails.
        """
        if not step.undo:
            raise LabError(f'step "{step.title}" only looks: there is nothing to undo')
        with self._alone():
            try:
                self.run(step.on, step.undo, expect=0)
            except CommandFailed as error:
                if self.has_passed(step):
                    raise
                raise LabError(
                    f'step "{step.title}" has not passed, and could not be undone: {error}'
                ) from error
            self._outcomes.pop(step, None)
            self._state.set_not_passed(step.name)

    def goto(self, step: Step, on_step: OnStep | None = None) -> Self:
        """Bring the lab to what it is before that step: afresh, then every step up to it.

        :raises LabError: a step on the way does not pass.
        """
        before = self.lab.steps[: self.lab.steps.index(step)]
        self.reset()
        self.replay(self._cut_short(before), f'could not get to "{step.title}"', on_step)
        return self

    def _cut_short(self, steps: Sequence[Step]) -> Sequence[Step]:
        """Take the shortcut that leads furthest; the steps that are left."""
        for count in range(len(steps), 0, -1):
            if by := self.lab.shortcut_to(steps[count - 1]):
                by(self)
                self._state.set_passed(step.name for step in steps[:count])
                return steps[count:]
        return steps

    def replay(self, steps: Sequence[Step], failing: str, on_step: OnStep | None = None) -> None:
        """Do several steps in their order.

        :param failing: what it means if one does not pass, a clause.
        :raises LabError: one does not pass.
        """
        for index, step in enumerate(steps):
            if on_step:
                on_step(step, index, len(steps))
            outcome = self.do(step)
            if outcome.failure:
                raise LabError(
                    f'{failing}: step "{step.title}" did not pass. {outcome.failure}'
                ) from outcome.failure

    def drill(self, drill: Drill) -> RunningDrill:
        """A drill in this lab."""
        return RunningDrill(self, drill)

    # -- what is known -----------------------------------------------------------------------

    def outcome(self, step: Step) -> Outcome | None:
        """How a step ended last, in this process."""
        return self._outcomes.get(step)

    def has_passed(self, step: Step) -> bool:
        """Whether the step has passed in the running lab, also before a restart of the kernel."""
        return self._state.has_passed(step.name)

    def has_ever_passed(self, step: Step) -> bool:
        """Whether it has passed since the lab's start, whatever became of it afterwards."""
        return self._state.has_ever_passed(step.name)

    def missing_before(self, step: Step) -> list[Step]:
        """The steps before this one that have not passed in the running lab, and could have."""
        earlier = self.lab.steps[: self.lab.steps.index(step)]
        return [each for each in earlier if not self.has_passed(each) and _could_run(each)]


def _could_run(step: Step) -> bool:
    try:
        return not step.skip_reason()
    except AuthorError:  # the step's own verdict tells it
        return True
