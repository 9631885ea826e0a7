"""A running lab: does, checks, undoes and replays its steps."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Self

from labkernel.backends.base import Backend
from labkernel.drills import Drill
from labkernel.errors import BackendError, Busy, CheckFailed, CommandFailed, LabError, Stopped
from labkernel.lab import Lab
from labkernel.progress import OnProgress
from labkernel.running.attempts import StepAttempt, diagnosed, evidence, require_output
from labkernel.running.drills import RunningDrill
from labkernel.running.execution import Execution, Listener
from labkernel.running.replaying import Replaying
from labkernel.steps import Outcome, Step


class RunningLab(Replaying):
    """A lab that is running, or can be started; the arguments are those of
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
        """End the lab; nothing of it is left."""
        with self._starting:
            super().down()
            self._outcomes.clear()

    def reset(self, on_progress: OnProgress | None = None) -> Self:
        """Start the lab afresh.

        :raises LabError: a step of it is running.
        """
        with self._alone() if self.is_up() else nullcontext():
            return super().reset(on_progress)

    def stop(self) -> None:
        """Interrupt the running step, and the wait of a check."""
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
        on: str = "",
    ) -> Outcome:
        """Run a step and its check; start the lab if it does not run.

        :param command: replaces the step's own command.
        :param listener: callbacks, see :class:`~labkernel.running.Listener`.
        :param judged: whether the check runs and the outcome is recorded.
        :param on: the node on which the command runs; the step's own if empty.
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
            self._execution = Execution(self, step, text, judge, listener or Listener(), on)
            outcome = self._execution.outcome()
            if judged:
                self.record(outcome)
            return outcome

    @contextmanager
    def _alone(self, start: bool = False) -> Iterator[None]:
        """Allow one step at a time, over all processes.

        :param start: whether to start the lab if it does not run.
        :raises LabError: another step is running.
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
        """Fail an outcome as stopped if Stop was pressed: it is not judged."""
        if self._stops == self._stops_before or outcome.exit_code is None:
            return outcome
        return outcome.failed(Stopped(f'the step "{outcome.step.title}"'))

    def _judge(self, outcome: Outcome) -> Outcome:
        """Run the check and add its result; a task's check runs also if its command failed."""
        step, outcome = outcome.step, self._unless_stopped(outcome)
        outcome = diagnosed(self.lab, self.attempt(step, outcome), outcome)
        stopped = outcome.exit_code is None or isinstance(outcome.failure, Stopped)
        if stopped or (outcome.failure and not step.is_task):
            return outcome
        self._outcomes[step] = outcome
        try:
            return outcome.succeeded(self.evidence(step))
        except LabError as error:
            unmet = error if isinstance(error, CheckFailed) else None
            failed = replace(outcome, unmet=unmet) if outcome.failure else outcome.failed(error)
            if isinstance(error, BackendError):
                failed = diagnosed(self.lab, self.attempt(step, failed), failed)
            return self._unless_stopped(failed)

    def record(self, outcome: Outcome) -> None:
        """Record a step's outcome; the running lab's state has whether it has passed."""
        self._outcomes[outcome.step] = outcome
        if outcome.exit_code is None:
            return
        if outcome.passed:
            self._state.set_passed([outcome.step.name])
        else:
            self._state.set_not_passed(outcome.step.name)

    # -- checks ------------------------------------------------------------------------------

    def attempt(self, step: Step | None = None, outcome: Outcome | None = None) -> StepAttempt:
        """An attempt for a check: without a step, it has the nodes alone.

        :param outcome: replaces the step's last outcome.
        """
        stops = self._stops
        outcome = outcome or (self._outcomes.get(step) if step else None)
        return StepAttempt(self, outcome, self._pcap, lambda: self._stops != stops)

    def _pcap(self) -> bytes | None:
        execution = self._execution
        return execution.pcap() if execution else None

    def evidence(self, step: Step, outcome: Outcome | None = None) -> str:
        """Run a step's check and return what it saw, without recording it; see :meth:`attempt`.

        :raises CheckFailed: the step is not done.
        :raises AuthorError: the check is wrong.
        """
        return evidence(step, self.attempt(step, outcome))

    def check(self, step: Step) -> str:
        """Run a step's check, and record that the step has passed; a failure is not recorded.

        :returns: what the check saw.
        :raises CheckFailed: the step is not done, or it has not run and the check reads its output.
        :raises CommandFailed: the check reads the step's output, and the step failed.
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

    # -- navigation --------------------------------------------------------------------------

    def undo(self, step: Step) -> None:
        """Undo a step.

        :raises LabError: the step has no undo, or its undo fails.
        """
        if not step.undo:
            raise LabError(f'step "{step.title}" changes nothing: there is nothing to undo')
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

    def drill(self, drill: Drill) -> RunningDrill:
        """A drill in this lab."""
        return RunningDrill(self, drill)

    # -- state -------------------------------------------------------------------------------

    def outcome(self, step: Step) -> Outcome | None:
        """The last outcome of a step, in this process."""
        return self._outcomes.get(step)
