"""The proof that a step's check can fail."""

from labkernel.errors import CheckFailed
from labkernel.lab import Lab
from labkernel.steps import Step


def prove_check(lab: Lab, step: Step, *, fresh: bool = True) -> None:
    """Show that a step's check fails before it, passes after it, and fails again after its undo
    (or after the wrong answer that it declares).

    Ends with the lab in the state after the step, which a step after an undo must lead to as well.

    :param fresh: begin with the lab afresh; else it must be in the state before the step already.
    :raises AssertionError: which of the three did not hold.
    """
    if fresh:
        lab.goto(step)
    _must_fail(lab, step, "before the step")
    _must_pass(lab, step, "")
    if step.undo:
        lab.undo(step)
        _must_fail(lab, step, "after its undo")
    if step.wrong:
        outcome = lab.do(step, step.wrong)
        assert not outcome.passed, f'"{step.title}" passed with a wrong answer: {outcome.verdict()}'
    _must_pass(lab, step, " the second time")


def _must_pass(lab: Lab, step: Step, when: str) -> None:
    outcome = lab.do(step)
    assert outcome.passed, (
        f'"{step.title}" did not pass{when}: {outcome.verdict()}\n{outcome.output}'
    )


def _must_fail(lab: Lab, step: Step, when: str) -> None:
    try:
        seen = lab.check(step)
    except CheckFailed:
        return
    raise AssertionError(f'the check of "{step.title}" passed {when}: {seen}')
