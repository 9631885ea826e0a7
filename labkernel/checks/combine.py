"""Checks made of checks."""

import time
from typing import TYPE_CHECKING

from labkernel.errors import CheckFailed

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.steps import Check


def eventually(check: "Check", within: float = 5.0) -> "Check":
    """Repeat a check until it passes.

    :param within: seconds after which its last failure is final.
    """

    def retried(lab: "Lab") -> str:
        deadline = time.monotonic() + within
        pause = 0.01
        while True:
            try:
                return check(lab)
            except CheckFailed as failure:
                if time.monotonic() + pause > deadline:
                    expected = f"{failure.expected} within {within:g} s"
                    raise CheckFailed(expected, failure.seen, failure.hint) from None
            time.sleep(pause)
            pause = min(pause * 2, 0.25)

    return retried


def both(*checks: "Check") -> "Check":
    """Every one of several checks, in order."""

    def all_of(lab: "Lab") -> str:
        return "; ".join(check(lab) for check in checks)

    return all_of


def fails(check: "Check", what: str) -> "Check":
    """The opposite of a check, for what must not work (yet).

    :param what: what must not be, as a clause ("a reply to the client").
    """

    def opposite(lab: "Lab") -> str:
        try:
            seen = check(lab)
        except CheckFailed as failure:
            return f"as expected not {what}: {failure.seen}"
        raise CheckFailed(f"expected not to see {what}", f"but {seen}")

    return opposite
