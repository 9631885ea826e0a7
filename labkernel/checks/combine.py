"""Checks that are made from other checks."""

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

#: seconds that a daemon may take to start
_STARTING = 0.5

_longest: ContextVar[float] = ContextVar("longest", default=float("inf"))


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Limit the time of every :func:`eventually` in this thread: for a check that is expected to
    fail, as in a proof."""
    token = _longest.set(seconds)
    try:
        yield
    finally:
        _longest.reset(token)


def eventually(check: "Check", within: float = 5.0, on: str | Iterable[str] = ()) -> "Check":
    """Repeat a check until it passes.

    :param within: seconds after which its last failure is final; a permanent failure is final
        after half a second, in which a daemon of the step may still be starting.
    :param on: a node, or several, on whose addresses, routes and neighbours it depends: it is
        repeated as soon as their kernels report a change.  For everything else it is repeated at
        growing intervals, of a quarter of a second at most.
    :raises Stopped: raised by the returned check if the lab is stopped.
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
    """All of several checks, in order."""

    @like(*checks)
    def all_of(attempt: "Attempt") -> str:
        return "; ".join(evidence_of(check, attempt) for check in checks)

    return all_of


def fails(check: "Check", what: str) -> "Check":
    """The opposite of a check, for a condition that must not be met (yet).

    :param what: the condition, a noun ("a reply to the client").
    """

    @like(check)
    def opposite(attempt: "Attempt") -> str:
        try:
            seen = evidence_of(check, attempt)
        except CheckFailed as failure:
            return f"as expected not {what}: {failure.seen}"
        raise CheckFailed(f"not to see {what}", seen)

    return opposite
