"""The execution of a step: its command, with the observers that run during it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from labkernel.attempt import Workbench
from labkernel.command import OnOutput, Result
from labkernel.errors import BackendError, CommandFailed, LabError, first_line
from labkernel.observing.protocol import Artifact, Observation, OnArtifact
from labkernel.observing.recording import Recorder
from labkernel.steps import Outcome, Runner, Step

OnStep = Callable[[Step, int, int], None]
"""Called before each replayed step with the step, its index (from 0) and the number of steps."""

OnOutcome = Callable[[Outcome], None]
"""Called with the outcome of each replayed step."""


@dataclass(frozen=True)
class Listener:
    """Callbacks for the events of a running step; they are called from other threads.

    :param output: called with each piece of the command's output.
    :param ended: called between the command's end and the check, with the outcome so far.
    :param observed: called with the artifact of an observer so far.
    """

    output: OnOutput | None = None
    ended: Callable[[Outcome], None] | None = None
    observed: OnArtifact | None = None


class Execution:
    """The execution of a step in a running lab.

    :param command: the command: the step's own, or another.
    :param on: the node on which it runs.
    :param judge: runs the step's check and returns the outcome with its result.
    """

    def __init__(
        self,
        bench: Workbench,
        step: Step,
        command: str,
        judge: Callable[[Outcome], Outcome],
        listener: Listener,
        on: str = "",
    ) -> None:
        self._bench = bench
        self._step = step
        self._on = on or step.on
        self._command = command
        self._judge = judge
        self._listener = listener
        self._runner: Runner | None = None
        self._observing: Sequence[Observation] = ()

    def stop(self) -> None:
        """Interrupt the step's own runner; the backend interrupts commands on nodes."""
        if runner := self._runner:
            runner.stop()

    def pcap(self) -> bytes | None:
        """The packets so far; ``None`` if the step has no capture."""
        recorders = (each for each in self._observing if isinstance(each, Recorder))
        recorder = next(recorders, None)
        return recorder.so_far() if recorder else None

    def outcome(self) -> Outcome:
        """Run the command and the check; returns the outcome with the artifacts."""
        begun: list[Observation] = []
        on_artifact = self._listener.observed
        try:
            # one by one: if one can't start, those before it are stopped
            begun.extend(
                each.start(self._bench, self._on, on_artifact) for each in self._step.observe
            )
        except BackendError as error:
            return _with(self._not_started(error), _stopped(begun))
        self._observing = begun
        try:
            outcome = self._run_and_judge()
        finally:
            self._observing = ()
            results = _stopped(begun)
        return _with(outcome, results)

    def _not_started(self, error: BackendError, seconds: float = 0.0) -> Outcome:
        return Outcome(self._step, self._command, None, "", seconds, failure=error, on=self._on)

    def _run_and_judge(self) -> Outcome:
        try:
            outcome = self._run()
        finally:
            for each in self._observing:
                each.command_ended()
        if self._listener.ended:
            self._listener.ended(outcome)
        return self._judge(outcome)

    def _on_output(self, text: str) -> None:
        if self._listener.output:
            self._listener.output(text)
        for each in self._observing:
            each.feed(text)

    def _run(self) -> Outcome:
        step, started = self._step, time.perf_counter()
        self._runner = step.runner
        try:
            if step.runner:
                result = step.runner(self._command, self._on_output, step.timeout)
            else:
                result = self._bench.run(self._on, self._command, self._on_output, step.timeout)
        except BackendError as error:
            return self._not_started(error, time.perf_counter() - started)
        finally:
            self._runner = None
        return replace(_ended(step, self._command, result), on=self._on)


Results = list[tuple[Artifact | None, LabError | None]]


def _stopped(observing: Sequence[Observation]) -> Results:
    """Stop the observers, the last one first; returns their results in the declared order."""
    return [each.stop() for each in reversed(observing)][::-1]


def _with(outcome: Outcome, results: Results) -> Outcome:
    """Add the artifacts to an outcome; an observer's error fails a step that has not failed yet."""
    artifacts = tuple(artifact for artifact, _ in results if artifact is not None)
    problems = [problem for _, problem in results if problem]
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
    """The error for a command that timed out or ended with an unexpected exit code."""
    if result.timed_out:
        return BackendError(
            f"{result.node}: `{first_line(result.command)}` was stopped after {timeout:g} s"
        )
    return CommandFailed(result.node, result.command, result.exit_code, result.output)
