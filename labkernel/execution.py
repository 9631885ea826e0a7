"""A step as it runs: its command, and what is recorded, watched and pulled meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labkernel.backends.base import OnOutput, Result
from labkernel.cables import Hands
from labkernel.errors import BackendError, CommandFailed, first_line
from labkernel.recording import Recorder
from labkernel.steps import Act, Outcome, Step
from labkernel.watching import OnSamples, Watcher

if TYPE_CHECKING:
    from labkernel.lab import Lab


@dataclass(frozen=True)
class Heard:
    """Who is told of what happens meanwhile.

    :param output: is given each piece of the command's output.
    :param check: is called between the command's end and the check, with what is known by then.
    :param samples: is called with what the step's watch has seen so far.
    """

    output: OnOutput | None = None
    check: Callable[[Outcome], None] | None = None
    samples: OnSamples | None = None


class Execution:
    """A step that runs on a lab that is up.

    :param command: what runs: the step's own command, or another.
    :param judge: adds to an outcome what the step's check says.
    :ivar recorder: of the packets, while the step runs that has a capture.
    """

    def __init__(
        self,
        lab: "Lab",
        step: Step,
        command: str,
        judge: Callable[[Outcome], Outcome],
        heard: Heard,
    ) -> None:
        self.recorder: Recorder | None = None
        self._lab = lab
        self._step = step
        self._command = command
        self._judge = judge
        self._heard = heard
        self._acting: Act | None = None

    def stop(self) -> None:
        """Interrupt what the step does in this process; commands on nodes are the backend's."""
        if acting := self._acting:
            acting.stop()

    def outcome(self) -> Outcome:
        """Run and judge it; where it has a watch, with what that saw meanwhile."""
        if self._step.watch is None:
            return self._recorded()
        watcher = Watcher(self._lab.backend, self._step.watch, self._heard.samples)
        try:
            outcome = self._recorded()
        finally:
            samples = watcher.stop()
        outcome = replace(outcome, watched=samples)
        problem = watcher.problem
        return outcome.failed(problem) if problem and not outcome.failure else outcome

    def _recorded(self) -> Outcome:
        """Run and judge it; where it has a capture, with the packets meanwhile."""
        if self._step.capture is None:
            return self._run_and_judge()
        try:
            self.recorder = Recorder(self._lab.backend, self._lab.topology, self._step.capture)
        except BackendError as error:
            return self._not_begun(error)
        try:
            outcome = self._run_and_judge()
        finally:
            recorder, self.recorder = self.recorder, None
            recording, problem = recorder.stop()
        outcome = replace(outcome, recording=recording)
        return outcome.failed(problem) if problem and not outcome.failure else outcome

    def _not_begun(self, error: BackendError, seconds: float = 0.0) -> Outcome:
        return Outcome(self._step, self._command, None, "", seconds, failure=error)

    def _run_and_judge(self) -> Outcome:
        outcome = self._pulled() if self._step.cables else self._run(self._heard.output)
        if self._heard.check:
            self._heard.check(outcome)
        return self._judge(outcome)

    def _pulled(self) -> Outcome:
        """Run its command, whose output asks for cables to be pulled."""
        hands = Hands(self._lab.backend, self._step.on, self._heard.output)
        try:
            outcome = self._run(hands.take)
        finally:
            hands.rest()
        return outcome.failed(hands.problem) if hands.problem and not outcome.failure else outcome

    def _run(self, hear: OnOutput | None) -> Outcome:
        step, started = self._step, time.perf_counter()
        self._acting = step.act
        try:
            if step.act:
                result = step.act(self._command, hear, step.timeout)
            else:
                result = self._lab.run(step.on, self._command, hear, step.timeout)
        except BackendError as error:
            return self._not_begun(error, time.perf_counter() - started)
        finally:
            self._acting = None
        return _ended(step, self._command, result)


def _ended(step: Step, command: str, result: Result) -> Outcome:
    outcome = Outcome(
        step, command, result.exit_code, result.output, result.seconds, left_out=result.left_out
    )
    if result.timed_out or step.exits not in (None, result.exit_code):
        return outcome.failed(failure_of(result, step.timeout))
    return outcome


def failure_of(result: Result, timeout: float | None) -> BackendError:
    """What to raise for a command that did not end as it must."""
    if result.timed_out:
        return BackendError(
            f"{result.node}: `{first_line(result.command)}` was stopped after {timeout:g} s"
        )
    return CommandFailed(result.node, result.command, result.exit_code, result.output)
