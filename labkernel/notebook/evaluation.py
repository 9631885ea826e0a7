"""Adds the check's result to the outcome of a step whose command failed."""

from dataclasses import replace

from labkernel.checks.combine import patience
from labkernel.errors import CheckFailed, CommandFailed, LabError
from labkernel.running import RunningLab
from labkernel.steps import Outcome

#: the time limit of a check after a failed command, in seconds
_SHORT = 0.5


def with_check(running: RunningLab, outcome: Outcome) -> Outcome:
    """Run the check of a step whose command failed, without waiting, and add its failure (a task's
    check has already run)."""
    if not isinstance(outcome.failure, CommandFailed) or outcome.step.is_task:
        return outcome
    try:
        with patience(_SHORT):
            running.evidence(outcome.step)
    except CheckFailed as failure:
        return replace(outcome, unmet=failure)
    except LabError:  # the command's own failure is shown, and says more
        return outcome
    return outcome
