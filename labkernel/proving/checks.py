"""The proof that a step's check can fail."""

import time
from contextlib import AbstractContextManager, nullcontext

from labkernel.checks.combine import patience
from labkernel.errors import CheckFailed, CommandFailed
from labkernel.proving import claims
from labkernel.proving.hints import prove_hints
from labkernel.proving.holding import NotProved, require
from labkernel.running import RunningLab
from labkernel.steps import Outcome, Step

#: seconds in which a check that must fail may change its mind, unless more are asked for
SHORT = 0.5
#: seconds in which a daemon has read its configuration anew
_READ = 3.0


def prove_check(
    running: RunningLab, step: Step, *, fresh: bool = True, within: float | None = SHORT
) -> None:
    """Show that a step's check fails before it, passes after it, and fails again after its undo
    (or after the wrong answer that it declares); and that it can be done right after its undo.

    Where the check says what can change its answer, or that it sends no packets, that is shown,
    too.  Ends with the lab in the state after the step.

    :param fresh: begin with the lab afresh; else it must be in the state before the step already.
    :param within: seconds after which a check that must fail has failed; with ``None`` it is given
        all the time that it gives a trainee.
    :raises NotProved: which of these did not hold.
    """
    if fresh:
        running.goto(step)
    _must_fail(running, step, "before the step", within)
    with claims.of(running, step):
        _must_pass(running, step, "")
    if step.undo:
        running.undo(step)
        right = _must_pass(running, step, " right after its undo")
        running.undo(step)
        must_fail_after(running, step, right, within)
        prove_hints(running, step)
    if step.wrong:
        _must_refuse(running, step, within)
    if step.undo:
        _must_pass(running, step, " the last time")


def _must_pass(running: RunningLab, step: Step, when: str) -> Outcome:
    outcome = running.do(step)
    require(
        outcome.passed, f'"{step.title}" did not pass{when}: {outcome.verdict()}\n{outcome.output}'
    )
    return outcome


def must_fail_after(
    running: RunningLab, step: Step, right: Outcome | None, within: float | None = SHORT
) -> None:
    """Show that a check fails after an undo: at once, or as soon as the daemons that it concerns
    have read what was written for them.

    What the step had printed still counts: that it is forgotten would prove nothing of the undo.
    """
    started = time.monotonic()
    while seen := _seen(running, step, within, right):
        if step.wrong and not _seen(running, step, within):
            return  # it only looks at what was printed, and its wrong answer proves it
        if time.monotonic() > started + _READ:
            raise NotProved(f'the check of "{step.title}" passed after its undo: {seen}')
        time.sleep(0.05)


def _must_refuse(running: RunningLab, step: Step, within: float | None) -> None:
    """Require that the wrong answer is refused.

    A step without undo changes nothing: the output of its right answer is valid again, and it
    is not run a second time."""
    right = running.outcome(step)
    with _patience(within):
        outcome = running.do(step, step.wrong)
    require(not outcome.passed, f'"{step.title}" passed with a wrong answer: {outcome.verdict()}')
    if isinstance(outcome.failure, CommandFailed) and not step.is_task:  # the check was not asked
        _must_fail(running, step, "with its wrong answer", within)
    if right and not step.undo:
        running.record(right)


def _patience(within: float | None) -> AbstractContextManager[None]:
    return nullcontext() if within is None else patience(within)


def _must_fail(running: RunningLab, step: Step, when: str, within: float | None) -> None:
    """Not once alone: what fails now and then is no check."""
    for _ in range(2):
        if seen := _seen(running, step, within):
            raise NotProved(f'the check of "{step.title}" passed {when}: {seen}')


def _seen(
    running: RunningLab, step: Step, within: float | None, outcome: Outcome | None = None
) -> str:
    """The evidence of the check; empty if it failed."""
    try:
        with _patience(within):
            return running.evidence(step, outcome)
    except CheckFailed:
        return ""
