"""One walk through a lab that runs: all that is to be proved of it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from labkernel.checks.combine import patience
from labkernel.errors import BackendUnavailable, CheckFailed, LabError
from labkernel.mistakes import Fix, Mistake, Right
from labkernel.proving.cases import Case, DrillCase
from labkernel.proving.checks import SHORT, must_fail_after, prove_check
from labkernel.proving.drilling import prove_drill
from labkernel.proving.hints import prove_hint_of
from labkernel.proving.holding import NotProved, require
from labkernel.proving.notebooks import NotebookCase, prove_notebook
from labkernel.running import RunningLab
from labkernel.running.attempts import state_of
from labkernel.steps import Outcome, Step

AnyCase = Case | DrillCase | NotebookCase


@dataclass(frozen=True)
class Proof:
    """The result of a case.

    :param why: what does not hold; empty if all does.
    :param skip_reason: why the step can't be run here, so that nothing was tried; empty if it can.
    :param unreached: why the lab could not be brought before its step, so that nothing was tried;
        all that follow have the same reason.
    """

    case: AnyCase
    why: str
    seconds: float
    skip_reason: str = ""
    unreached: str = ""

    @property
    def proved(self) -> bool:
        """True if it was tried, and holds."""
        return not self.why and not self.skip_reason and not self.unreached


class NotReached(LabError):
    """The lab could not be brought to the state before a step."""


def prove(
    running: RunningLab,
    cases: Iterable[AnyCase],
    *,
    long: bool = False,
    before: Callable[[AnyCase], None] = lambda _: None,
) -> Iterator[Proof]:
    """Prove cases, in their order; the lab is started where it does not run.

    Where the way to a step leads by one that does not pass, those of no later step are tried.

    :param long: give checks that must fail all the time that they give a trainee.
    :param before: called with each case as it begins.
    :raises BackendUnavailable: this machine can't run it.
    """
    unreached = ""
    for case in cases:
        if unreached and isinstance(case, Case):
            yield Proof(case, "", 0.0, unreached=unreached)
            continue
        before(case)
        started, why, skip_reason = time.monotonic(), "", ""
        try:
            skip_reason = case.step.skip_reason() if isinstance(case, Case) else ""
            prove_case(running, case, long=long)
        except NotProved as error:
            why = _with_notes(str(error), error)
        except BackendUnavailable:
            raise
        except NotReached as error:
            unreached = str(error)
        except LabError as error:
            why = _with_notes(f"{case.name}: {error}", error)
        took = time.monotonic() - started
        blocked = unreached if isinstance(case, Case) else ""
        yield Proof(case, why, took, "" if why else skip_reason, blocked)


def prove_case(running: RunningLab, case: AnyCase, *, long: bool = False) -> None:
    """Prove one case, that of a step in the state before it.

    :raises NotProved: what does not hold.
    :raises NotReached: the lab can't be brought there.
    """
    if isinstance(case, NotebookCase):
        prove_notebook(case)
    elif isinstance(case, DrillCase):
        with _left_as_it_must_be(running):
            prove_drill(running, case)
    else:
        _prove_step_case(running, case, long)


def _prove_step_case(running: RunningLab, case: Case, long: bool) -> None:
    if case.step.skip_reason():
        _require_skipped(running, case.step)
        return
    try:
        bring_before(running, case.step)
    except BackendUnavailable:
        raise
    except LabError as error:
        raise NotReached(str(error)) from error
    with _left_as_it_must_be(running):
        if isinstance(case.what, Mistake):
            _prove_mistake(running, case.step, case.what, long)
        elif isinstance(case.what, Right):
            _prove_right(running, case.step, case.what)
        else:
            prove_check(running, case.step, fresh=False, within=None if long else SHORT)


@contextmanager
def _left_as_it_must_be(running: RunningLab) -> Iterator[None]:
    """Whatever comes next finds no half-done state, but a lab that was started afresh."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, (NotProved, LabError)) and (
            state := state_of(running.lab, running.attempt())
        ):
            error.add_note(state)
        running.reset()
        raise


def _with_notes(why: str, error: BaseException) -> str:
    return "\n".join([why, *getattr(error, "__notes__", ())])


def bring_before(running: RunningLab, step: Step) -> None:
    """The state before a step; what is done already is not done again."""
    running.up()
    steps = running.lab.steps
    index = steps.index(step)
    passed = [running.has_passed(each) for each in steps]
    missing = (at for at, each in enumerate(steps) if not passed[at] and not each.skip_reason())
    done = next(missing, len(steps))
    if done > index or any(passed[done:]):
        running.goto(step)
    else:
        running.replay(steps[done:index], f'could not get to "{step.title}"')


def _require_skipped(running: RunningLab, step: Step) -> None:
    outcome = running.do(step)
    require(not outcome.passed, f'"{step.title}" can\'t be run, and passed')
    require(not running.has_passed(step), f'"{step.title}" can\'t be run, and counts as passed')
    require(
        bool(outcome.skip_reason), f'"{step.title}" was run, although it said that it can\'t be'
    )


def _prove_mistake(running: RunningLab, step: Step, mistake: Mistake, long: bool) -> None:
    """It is refused with its words, and then the step's own command passes."""
    node = mistake.on or step.on
    said = _refusal(running, step, mistake, node, long)
    require(
        mistake.says in said,
        f'after the mistake `{mistake.run}` on {node} the check of "{step.title}" must say '
        f'"{mistake.says}", and says: {said}',
    )
    fix = _by_node(mistake.fix, node)
    first = mistake.fix_first or node != step.on
    for where, command in fix.items() if first else ():
        running.run(where, command, expect=0)
    outcome = running.do(step)
    require(
        outcome.passed,
        f'after the mistake `{mistake.run}` on {node} "{step.title}" did not pass: '
        f"{outcome.verdict()}\n{outcome.output}",
    )
    if step.undo:
        running.undo(step)
    for where, command in fix.items() if not first else ():
        running.run(where, command)  # what the step has taken away by itself is not there any more


def _refusal(running: RunningLab, step: Step, mistake: Mistake, node: str, long: bool) -> str:
    """The message of the check, which gets its full time if it does not say the words at once.

    On the step's own node the mistake is what somebody types in place of the step's command; what
    it prints is seen.
    """
    outcome = None
    if node == step.on:
        outcome = replace(running.do(step, mistake.run, judged=False), failure=None)
    else:
        running.run(node, mistake.run, expect=0)
    said = ""
    for within in [float("inf")] if long else [SHORT, float("inf")]:
        try:
            with patience(within):
                seen = running.evidence(step, outcome)
        except CheckFailed as failure:
            found, said = failure, str(failure)
        else:
            raise NotProved(
                f'the check of "{step.title}" passed after the mistake `{mistake.run}` on {node}: '
                f"{seen}"
            )
        if mistake.says in said:
            prove_hint_of(running, step, found)
            break
    return said


def _by_node(fix: Fix, node: str) -> Mapping[str, str]:
    return ({node: fix} if fix else {}) if isinstance(fix, str) else fix


def _give(running: RunningLab, step: Step, right: Right) -> Outcome | None:
    """Give a right answer; its outcome, unless it is given on another node than the step's."""
    if right.on in ("", step.on):
        outcome = running.do(step, right.run)
        require(
            outcome.passed,
            f'"{step.title}" must pass by `{right.run}`: {outcome.verdict()}\n{outcome.output}',
        )
        return outcome
    running.run(right.on, right.run, expect=0)
    try:
        running.evidence(step)
    except CheckFailed as failure:
        raise NotProved(f'"{step.title}" must pass by `{right.run}`: {failure}') from failure
    return None


def _prove_right(running: RunningLab, step: Step, right: Right) -> None:
    given = _give(running, step, right)
    if right.undo or step.undo:
        node = right.on if right.undo and right.on else step.on
        running.run(node, right.undo or step.undo, expect=0)
        must_fail_after(running, step, given)
    outcome = running.do(step)
    require(outcome.passed, f'"{step.title}" did not pass after `{right.run}`: {outcome.verdict()}')
    if step.undo:
        running.undo(step)
