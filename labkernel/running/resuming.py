"""Brings a lab that has ended back to where the trainee was, by the trainee's own commands."""

from collections.abc import Mapping
from typing import Protocol

from labkernel.progress import OnProgress
from labkernel.running.execution import OnOutcome, OnStep
from labkernel.running.lab import RunningLab
from labkernel.running.replaying import NotReplayed
from labkernel.steps import Outcome, Step


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
    :raises NotReplayed: a step does not pass even by its own command.
    """
    steps = running.lab.steps[: running.lab.steps.index(until)]
    left, replaced = dict(own), list[Step]()

    def do(step: Step) -> Outcome:
        mine = left.get(step)
        return running.do(step, mine.command, on=mine.node) if mine else running.do(step)

    while True:
        running.reset(on_progress)
        try:
            running.replay(steps, "could not get to where you were", on_step, on_outcome, do)
        except NotReplayed as error:
            if left.pop(error.step, None) is None:
                raise
            # what it has changed may be in the way of the step's own command: from the start again
            replaced.append(error.step)
        else:
            return replaced
