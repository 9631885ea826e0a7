"""The proof that a step's check can fail."""

from labkernel.errors import CheckFailed
from labkernel.lab import Lab
from labkernel.steps import Step


def prove_check(lab: Lab, step: Step) -> None:
    """Show that a step's check fails before it, passes after it, and fails again after its undo
    (or after the wrong answer that it declares).

    :raises AssertionError: which of the three did not hold.
    """
    lab.goto(step)
    _must_fail(lab, step, "before the step")
    outcome = lab.do(step)
    assert outcome.passed, f'"{step.title}" did not pass: {outcome.verdict()}\n{outcome.output}'
    if step.undo:
        lab.undo(step)
        _must_fail(lab, step, "after its undo")
    if step.wrong:
        outcome = lab.do(step, step.wrong)
        assert not outcome.passed, f'"{step.title}" passed with a wrong answer: {outcome.verdict()}'


def _must_fail(lab: Lab, step: Step, when: str) -> None:
    try:
        seen = lab.check(step)
    except CheckFailed:
        return
    raise AssertionError(f'the check of "{step.title}" passed {when}: {seen}')
