"""What a card knows of a step beyond how its last run ended."""

from dataclasses import replace

from labkernel.checks.combine import patience
from labkernel.errors import CheckFailed, CommandFailed, LabError
from labkernel.lab import Lab
from labkernel.steps import Outcome, Step

_KEPT = "ticks"
#: seconds that a check has after a command that failed
_SHORT = 0.5


def has_ticked(lab: Lab, step: Step) -> bool:
    """Whether the step has passed since the lab started, whatever became of it afterwards."""
    return lab.has_passed(step) or step.name in (lab.kept(_KEPT) or ())


def keep(lab: Lab) -> None:
    """Have the running lab keep which of its steps have ever passed in it."""
    ticked = [step.name for step in lab.steps if has_ticked(lab, step)]
    if ticked != (lab.kept(_KEPT) or []):
        lab.keep(_KEPT, ticked)


def with_check(lab: Lab, outcome: Outcome) -> Outcome:
    """Where the command of a step has failed, with what the check says, which needs no patience
    then (a task's check has been asked already)."""
    if not isinstance(outcome.failure, CommandFailed) or outcome.step.is_task:
        return outcome
    try:
        with patience(_SHORT):
            lab.check(outcome.step)
    except CheckFailed as failure:
        return replace(outcome, unmet=failure)
    except LabError:  # that the command failed is told, and says more
        return outcome
    return outcome
