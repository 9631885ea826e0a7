"""Brings a lab that has ended back to where the trainee was, by the trainee's own commands."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from labkernel.errors import LabError
from labkernel.progress import OnProgress
from labkernel.running.execution import OnOutcome, OnStep
from labkernel.running.lab import RunningLab
from labkernel.steps import Step


class Own(Protocol):
    """A command that a trainee ran, and passed with."""

    @property
    def command(self) -> str:
        """The command."""

    @property
    def node(self) -> str:
        """The node on which it ran."""


def resume(
    running: RunningLab,
    until: Step,
    own: Mapping[Step, Own],
    on_step: OnStep | None = None,
    on_outcome: OnOutcome | None = None,
    on_progress: OnProgress | None = None,
) -> list[Step]:
    """Start the lab afresh, and do every step before one: by the trainee's own command where there
    is one that passes still, else by the step's.

    :param own: the trainee's commands that differ from the step's.
    :returns: the steps of which the own command no longer passes.
    :raises LabError: a step does not pass even by its own command.
    """
    steps = running.lab.steps[: running.lab.steps.index(until)]
    replaced: list[Step] = []
    while True:
        running.reset(on_progress)
        failed = _replay(running, steps, own, replaced, on_step, on_outcome)
        if failed is None:
            return replaced
        # what it has changed may be in the way of the step's own command: once more from the start
        replaced.append(failed)


def _replay(
    running: RunningLab,
    steps: Sequence[Step],
    own: Mapping[Step, Own],
    replaced: list[Step],
    on_step: OnStep | None,
    on_outcome: OnOutcome | None,
) -> Step | None:
    """Do the steps; returns the one whose own command does not pass, if there is one."""
    for index, step in enumerate(steps):
        if on_step:
            on_step(step, index, len(steps))
        mine = None if step in replaced else own.get(step)
        outcome = running.do(step, mine.command, on=mine.node) if mine else running.do(step)
        if on_outcome:
            on_outcome(outcome)
        if outcome.failure and mine:
            return step
        if outcome.failure:
            raise LabError(
                f'could not get to where you were: step "{step.title}" did not pass. '
                f"{outcome.failure}"
            ) from outcome.failure
    return None
