"""What a card says of a step beyond how its run ended."""

from dataclasses import replace

from labkernel.checks.combine import patience
from labkernel.errors import CheckFailed, CommandFailed, LabError
from labkernel.running import RunningLab
from labkernel.steps import Outcome

#: seconds that a check has after a command that failed
_SHORT = 0.5


def with_check(running: RunningLab, outcome: Outcome) -> Outcome:
    """Where the command of a step has failed, with what the check says, which needs no patience
    then (a task's check has been asked already)."""
    if not isinstance(outcome.failure, CommandFailed) or outcome.step.is_task:
        return outcome
    try:
        with patience(_SHORT):
            running.evidence(outcome.step)
    except CheckFailed as failure:
        return replace(outcome, unmet=failure)
    except LabError:  # that the command failed is told, and says more
        return outcome
    return outcome
