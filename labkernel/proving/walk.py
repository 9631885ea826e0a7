"""One walk through a lab that runs: all that is to be proved of it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from labkernel.checks.combine import patience
from labkernel.errors import CheckFailed, LabError
from labkernel.mistakes import Mend, Mistake, Right
from labkernel.proving.cases import Case
from labkernel.proving.checks import SHORT, prove_check
from labkernel.running import RunningLab
from labkernel.steps import Step


@dataclass(frozen=True)
class Proof:
    """What came of a case.

    :param why: what does not hold; empty if all does.
    """

    case: Case
    why: str
    seconds: float


def prove(
    running: RunningLab,
    cases: Iterable[Case],
    *,
    long: bool = False,
    before: Callable[[Case], None] = lambda _: None,
) -> Iterator[Proof]:
    """Prove cases, in their order; the lab is started where it does not run.

    :param long: give checks that must fail all the time that they give a trainee.
    :param before: called with each case as it begins.
    """
    for case in cases:
        before(case)
        started, why = time.monotonic(), ""
        try:
            prove_case(running, case, long=long)
        except AssertionError as error:
            why = str(error)
        except LabError as error:
            why = f"{case.name}: {error}"
        yield Proof(case, why, time.monotonic() - started)


def prove_case(running: RunningLab, case: Case, *, long: bool = False) -> None:
    """Prove one case, in the state before its step.

    :raises AssertionError: what does not hold.
    :raises LabError: the lab can't be brought there.
    """
    if case.step.why_not():
        _require_skipped(running, case.step)
        return
    bring_before(running, case.step)
    if isinstance(case.what, Mistake):
        _prove_mistake(running, case.step, case.what, long)
    elif isinstance(case.what, Right):
        _prove_right(running, case.step, case.what)
    else:
        prove_check(running, case.step, fresh=False, within=None if long else SHORT)


def bring_before(running: RunningLab, step: Step) -> None:
    """The state before a step; where the lab is in it already, nothing is done again."""
    running.up()
    index = running.lab.steps.index(step)
    passed = [running.has_passed(each) for each in running.lab.steps]
    if not all(passed[:index]) or any(passed[index:]):
        running.goto(step)


def _require_skipped(running: RunningLab, step: Step) -> None:
    outcome = running.do(step)
    assert not outcome.passed
    assert not running.has_passed(step)
    assert outcome.verdict().startswith("Not run: ")


def _prove_mistake(running: RunningLab, step: Step, mistake: Mistake, long: bool) -> None:
    """It is refused with its words, and then the step's own command passes."""
    node = mistake.on or step.on
    running.run(node, mistake.run, expect=0)
    mend = _by_node(mistake.mend, node)
    first = mistake.mend_first or node != step.on
    try:
        said = _refusal(running, step, mistake.says, long)
        assert mistake.says in said, (
            f'after the mistake `{mistake.run}` on {node} the check of "{step.title}" must say '
            f'"{mistake.says}", and says: {said}'
        )
        if first:
            _mend(running, mend)
        outcome = running.do(step)
        assert outcome.passed, (
            f'after the mistake `{mistake.run}` on {node} "{step.title}" did not pass: '
            f"{outcome.verdict()}\n{outcome.output}"
        )
        if step.undo:
            running.undo(step)
    except BaseException:
        running.reset()  # whatever comes next finds the lab as it must be
        raise
    if not first:
        _mend(running, mend)


def _refusal(running: RunningLab, step: Step, words: str, long: bool) -> str:
    """What the check says; unless it says these words at once, it gets all the time it wants."""
    said = "" if long else _said(running, step, SHORT)
    return said if words in said else _said(running, step, float("inf"))


def _said(running: RunningLab, step: Step, within: float) -> str:
    try:
        with patience(within):
            seen = running.evidence(step)
    except CheckFailed as failure:
        return str(failure)
    raise AssertionError(f'the check of "{step.title}" passed a mistake: {seen}')


def _by_node(mend: Mend, node: str) -> Mapping[str, str]:
    return ({node: mend} if mend else {}) if isinstance(mend, str) else mend


def _mend(running: RunningLab, mend: Mapping[str, str]) -> None:
    """What the step has taken away by itself need not be there any more."""
    for node, command in mend.items():
        running.run(node, command)


def _prove_right(running: RunningLab, step: Step, right: Right) -> None:
    outcome = running.do(step, right.run)
    assert outcome.passed, (
        f'"{step.title}" must pass by `{right.run}`: {outcome.verdict()}\n{outcome.output}'
    )
    running.run(step.on, right.undo or step.undo, expect=0)
    outcome = running.do(step)
    assert outcome.passed, f'"{step.title}" did not pass after `{right.run}`: {outcome.verdict()}'
    running.undo(step)
