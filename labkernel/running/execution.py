"""A step as it runs: its command, and what is observed meanwhile."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from labkernel.attempt import Workbench
from labkernel.command import OnOutput, Result
from labkernel.errors import BackendError, CommandFailed, LabError, first_line
from labkernel.observing.protocol import Artifact, Observation, OnArtifact
from labkernel.observing.recording import Recorder
from labkernel.steps import Outcome, Runner, Step


@dataclass(frozen=True)
class Listener:
    """Who is told of what happens while a step runs; from threads of their own.

    :param output: is given each piece of the command's output.
    :param ended: is called between the command's end and the check, with what is known by then.
    :param observed: is called with what an observer has seen so far.
    """

    output: OnOutput | None = None
    ended: Callable[[Outcome], None] | None = None
    observed: OnArtifact | None = None


class Execution:
    """A step that runs on a lab that is up.

    :param command: what runs: the step's own command, or another.
    :param judge: adds to an outcome what the step's check says.
    """

    def __init__(
        self,
        bench: Workbench,
        step: Step,
        command: str,
        judge: Callable[[Outcome], Outcome],
        listener: Listener,
    ) -> None:
        self._bench = bench
        self._step = step
        self._command = command
        self._judge = judge
        self._listener = listener
        self._runner: Runner | None = None
        self._observing: Sequence[Observation] = ()

    def stop(self) -> None:
        """Interrupt what the step does in this process; commands on nodes are the backend's."""
        if acting := self._runner:
            acting.stop()

    def pcap(self) -> bytes | None:
        """The packets so far, where the step has a capture."""
        recorders = (each for each in self._observing if isinstance(each, Recorder))
        recorder = next(recorders, None)
        return recorder.so_far() if recorder else None

    def outcome(self) -> Outcome:
        """Run and judge it, with what was observed meanwhile."""
        begun: list[Observation] = []
        tell = self._listener.observed
        try:
            # one by one: those that have begun are ended where a later one does not begin
            begun.extend(
                each.start(self._bench, self._step.on, tell) for each in self._step.observe
            )
        except BackendError as error:
            return _with(self._not_begun(error), _stopped(begun))
        self._observing = begun
        try:
            outcome = self._run_and_judge()
        finally:
            self._observing = ()
            brought = _stopped(begun)
        return _with(outcome, brought)

    def _not_begun(self, error: BackendError, seconds: float = 0.0) -> Outcome:
        return Outcome(self._step, self._command, None, "", seconds, failure=error)

    def _run_and_judge(self) -> Outcome:
        try:
            outcome = self._run()
        finally:
            for each in self._observing:
                each.command_ended()
        if self._listener.ended:
            self._listener.ended(outcome)
        return self._judge(outcome)

    def _hear(self, text: str) -> None:
        if self._listener.output:
            self._listener.output(text)
        for each in self._observing:
            each.feed(text)

    def _run(self) -> Outcome:
        step, started = self._step, time.perf_counter()
        self._runner = step.runner
        try:
            if step.runner:
                result = step.runner(self._command, self._hear, step.timeout)
            else:
                result = self._bench.run(step.on, self._command, self._hear, step.timeout)
        except BackendError as error:
            return self._not_begun(error, time.perf_counter() - started)
        finally:
            self._runner = None
        return _ended(step, self._command, result)


Brought = list[tuple[Artifact | None, LabError | None]]


def _stopped(observing: Sequence[Observation]) -> Brought:
    """What they bring, in the order in which they were declared; the last one begun stops first."""
    return [each.stop() for each in reversed(observing)][::-1]


def _with(outcome: Outcome, brought: Brought) -> Outcome:
    """With what was observed; that it could not be is a failure, where there is no other."""
    artifacts = tuple(artifact for artifact, _ in brought if artifact is not None)
    problems = [problem for _, problem in brought if problem]
    outcome = replace(outcome, artifacts=artifacts)
    return outcome.failed(problems[0]) if problems and not outcome.failure else outcome


def _ended(step: Step, command: str, result: Result) -> Outcome:
    outcome = Outcome(
        step, command, result.exit_code, result.output, result.seconds, truncated=result.truncated
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
