"""The progress of long work: the callback that reports it, and the time that is left."""

import time
from collections.abc import Callable

OnProgress = Callable[[str, float | None], None]
"""Called with a description of the work and the fraction that is done (``None``: unknown)."""


def ignore(what: str, fraction: float | None) -> None:
    """Discard the report."""


def within(tell: OnProgress, done: int, of: int) -> OnProgress:
    """The callback for one of several parts of a work, which take as long as each other.

    :param done: how many of the parts are done.
    :param of: how many there are.
    """

    def report(what: str, fraction: float | None) -> None:
        tell(what, None if fraction is None else (done + fraction) / of)

    return report


class Remaining:
    """Estimates the time that is left from the fractions that are reported.

    What went before the estimate's begin (a work that had progressed when it was first seen, or
    that was begun again) does not count.
    """

    #: seconds and fraction that it must have seen
    _ENOUGH = 5.0, 0.03

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """Begin another work."""
        self._begin: tuple[float, float] | None = None
        self._last = (0.0, 0.0)

    def hear(self, fraction: float | None) -> None:
        """Take the fraction that is done (0 to 1; ``None``: unknown)."""
        if fraction is None:
            return
        now = (self._clock(), fraction)
        if self._begin is None or fraction < self._last[1]:
            self._begin = now
        self._last = now

    @property
    def seconds(self) -> float | None:
        """The seconds that are left; ``None``: unknown yet."""
        if self._begin is None:
            return None
        took, done = (now - then for now, then in zip(self._last, self._begin, strict=True))
        if took < self._ENOUGH[0] or done < self._ENOUGH[1]:
            return None
        since = self._clock() - self._last[0]
        return max(0.0, took / done * (1 - self._last[1]) - since)

    @property
    def text(self) -> str:
        """The part that is done and the time that is left, as in ``46 %, about 3 min left``;
        empty if that is unknown."""
        left = self.seconds
        if left is None:
            return ""
        return f"{100 * self._last[1]:.0f} %, {_about(left)} left"


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(10, round(seconds, -1)):.0f} s"
    return f"about {round(seconds / 60)} min"
