"""The verdict of a step for the page: what was expected, what was seen, what to try."""

import traceback
from collections.abc import Sequence
from typing import Any

from labkernel.errors import (
    AuthorError,
    BackendUnavailable,
    CheckFailed,
    CommandFailed,
    LabError,
    NodeLost,
    Stopped,
)
from labkernel.outcomes import OutcomeData
from labkernel.plain import plain
from labkernel.steps import Outcome, Status, Step

Verdict = dict[str, Any]
"""``kind`` (passed, ran, told, not-run, stopped, not-yet, failed, error), ``title``, ``text``,
``rows`` of label and text, ``trace``: JSON for the card, and what the static page is made from."""


def of_outcome(outcome: Outcome) -> Verdict:
    """The verdict of a step that ran, or was skipped."""
    if outcome.skip_reason:
        return _verdict("not-run", "Not run", outcome.skip_reason)
    if outcome.failure is None:
        return of_evidence(outcome.evidence)
    if isinstance(outcome.failure, CommandFailed):
        verdict = _of_failed_command(outcome)
    else:
        verdict = of_error(outcome.failure)
    state = [("The lab", plain(outcome.state))] if outcome.state else []
    return verdict | {"rows": [*verdict["rows"], *state]}


def _of_failed_command(outcome: Outcome) -> Verdict:
    """With what the check says.  What the command printed stands above it, and is not repeated."""
    said = "" if outcome.output.strip() else "It printed nothing."
    rows = _rows(outcome.unmet) if outcome.unmet else ()
    return _verdict("failed", f"Failed with exit code {outcome.exit_code}", said, rows)


def of_data(ended: OutcomeData) -> Verdict:
    """The verdict of an attempt that was recorded."""
    said = ended.verdict.partition(": ")[2] or ended.verdict
    rows = _said(ended.expected, ended.seen, ended.hint)
    if ended.status is Status.PASSED:
        return of_evidence(said)
    if ended.status is Status.NOT_YET:
        return _verdict("not-yet", "Not yet", "" if rows else said, rows)
    if ended.status is Status.STOPPED:
        return of_error(Stopped(f'the step "{ended.title}"'))
    if ended.status is Status.SKIPPED:
        return _verdict("not-run", "Not run", ended.skip_reason or said)
    if ended.exit_code:
        return _verdict("failed", f"Failed with exit code {ended.exit_code}", rows=rows)
    return _verdict("failed", "Failed", said, rows)


def of_run(outcome: Outcome) -> Verdict:
    """The verdict of a command that ran without a check."""
    if outcome.skip_reason or outcome.exit_code is None or isinstance(outcome.failure, Stopped):
        return of_outcome(outcome)
    if outcome.failure and not isinstance(outcome.failure, CommandFailed):
        return of_outcome(outcome)
    return _verdict("ran", f"Ended with exit code {outcome.exit_code}", "Nothing was judged.")


def of_given_up(explanation: str) -> Verdict:
    """The verdict of a drill that was given up: the fault."""
    return of_told("Given up", f"{explanation.removesuffix('.')}.")


def of_told(title: str, text: str) -> Verdict:
    """A result that is none of a check."""
    return _verdict("told", title, text)


def of_evidence(seen: str) -> Verdict:
    """The verdict of a check that passed."""
    return _verdict("passed", "Passed", f"{seen.removesuffix('.')}.")


#: of a check that passes later than the command that the card shows
LATER = "; the command that stands here had not passed when it was judged"


def of_error(error: BaseException) -> Verdict:
    """The verdict of an error: a sentence for a LabError, the traceback for others."""
    if isinstance(error, CheckFailed):
        return _verdict("not-yet", "Not yet", rows=_rows(error))
    if isinstance(error, Stopped):
        rows = [("Try", "Check: it judges the lab as it is")]
        return _verdict("stopped", "Stopped", "Nothing was judged.", rows)
    if isinstance(error, BackendUnavailable):
        rows = [("Why", f"{error.why}."), ("Try", f"{error.remedy}.")]
        return _verdict("failed", f"The {error.backend} backend can't run here", rows=rows)
    if isinstance(error, CommandFailed):
        return _verdict("failed", f"Failed with exit code {error.exit_code}", str(error))
    return _of_other(error)


def _of_other(error: BaseException) -> Verdict:
    if isinstance(error, AuthorError):
        explanation = _with_remedy("Failed", error)
        return explanation | {"kind": "error", "trace": plain(_trace(error.__cause__))}
    if isinstance(error, LabError):
        return _with_remedy("Lost" if isinstance(error, NodeLost) else "Failed", error)
    said = str(error) or "no message"
    return _verdict("error", type(error).__name__, said, trace=_trace(error))


def _rows(failure: CheckFailed) -> list[tuple[str, str]]:
    return _said(str(failure.expected), failure.seen, failure.hint)


def _said(expected: str, seen: str, hint: str) -> list[tuple[str, str]]:
    rows = [("Expected", expected), ("Seen", seen), ("Try", hint)]
    return [row for row in rows if row[1]]


def _trace(error: BaseException | None) -> str:
    """For the author, who can fix it."""
    return "".join(traceback.format_exception(error)) if error else ""


def _with_remedy(title: str, error: LabError) -> Verdict:
    remedy = error.remedy
    if remedy == "Reset":
        remedy = "on the lab's card, Reset, or Start if the lab has ended"
    seen = f"{error.what}." if remedy else error.what
    return _verdict("failed", title, seen, rows=[("Try", remedy)] if remedy else ())


def before(missing: Sequence[Step], steps: Sequence[Step]) -> str:
    """A sentence on the earlier steps that have not passed."""
    if not missing:
        return ""
    locations = [str(steps.index(step) + 1) for step in missing]
    if len(locations) == 1:
        return f"Step {locations[0]}, “{missing[0].title}”, has not passed yet."
    return f"Steps {', '.join(locations[:-1])} and {locations[-1]} have not passed yet."


def _verdict(
    kind: str, title: str, text: str = "", rows: Sequence[tuple[str, str]] = (), trace: str = ""
) -> Verdict:
    said = [(label, plain(row)) for label, row in rows]
    return {"kind": kind, "title": title, "text": plain(text), "rows": said, "trace": plain(trace)}
