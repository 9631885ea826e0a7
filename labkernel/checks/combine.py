"""Checks made of checks."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from labkernel.checks.changes import Changes
from labkernel.checks.events import like
from labkernel.errors import CheckFailed, Stopped
from labkernel.evaluation import evidence_of

if TYPE_CHECKING:
    from labkernel.attempt import Attempt, Check

#: seconds in which a daemon that a step has started is there
_STARTING = 0.5

_longest: ContextVar[float] = ContextVar("longest", default=float("inf"))


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Have every :func:`eventually` in this thread give up after so many seconds at the latest: for
    a check that is known to fail, as in the proof that it can."""
    token = _longest.set(seconds)
    try:
        yield
    finally:
        _longest.reset(token)


def eventually(check: "Check", within: float = 5.0, on: str | Iterable[str] = ()) -> "Check":
    """Repeat a check until it passes.

    :param within: seconds after which its last failure is final; one that is permanent is so at
        once (after half a second: what the step has started may still be starting).
    :param on: a node, or several, on whose addresses, routes and neighbours it depends: it is
        repeated as soon as their kernels report a change.  What else it depends on is looked at
        in growing intervals, of a quarter of a second at most.
    :raises Stopped: from the check that it gives, when the lab is stopped meanwhile.
    """
    nodes = (on,) if isinstance(on, str) else tuple(on)

    @like(check)
    def retried(attempt: "Attempt") -> str:
        started = time.monotonic()
        try:
            return evidence_of(check, attempt)
        except CheckFailed as failure:
            last = failure
        with Changes(attempt, nodes) as changes:
            pause = 0.01
            while time.monotonic() + pause < started + _patience(last, within):
                changes.wait(pause)
                if attempt.stopped:
                    raise Stopped("the check")
                pause = min(pause * 2, 0.25)
                try:
                    return evidence_of(check, attempt)
                except CheckFailed as failure:
                    last = failure
        raise _final(last, within)

    return retried


def _patience(failure: CheckFailed, within: float) -> float:
    return min(within, _longest.get(), _STARTING if failure.permanent else within)


def _final(failure: CheckFailed, within: float) -> CheckFailed:
    if failure.permanent:
        return failure
    return CheckFailed(failure.expected + f" within {within:g} s", failure.seen, failure.hint)


def both(*checks: "Check") -> "Check":
    """Every one of several checks, in order."""

    @like(*checks)
    def all_of(attempt: "Attempt") -> str:
        return "; ".join(evidence_of(check, attempt) for check in checks)

    return all_of


def fails(check: "Check", what: str) -> "Check":
    """The opposite of a check, for what must not work (yet).

    :param what: what must not be, as a clause ("a reply to the client").
    """

    @like(check)
    def opposite(attempt: "Attempt") -> str:
        try:
            seen = evidence_of(check, attempt)
        except CheckFailed as failure:
            return f"as expected not {what}: {failure.seen}"
        raise CheckFailed(f"not to see {what}", seen)

    return opposite
