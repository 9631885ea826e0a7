"""The last run or check of a step, as its card shows it: verdict, times, views."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from labkernel.notebook import verdict, views
from labkernel.observing import Seen
from labkernel.record import Work
from labkernel.steps import Outcome

Tell = Callable[[Outcome], verdict.Verdict]


@dataclass
class LastRun:
    """The result of the last run or check; empty before the first.

    :param said: the verdict.
    :param seconds: the duration of command and check.
    :param shown: the HTML of its recordings and its view, in the card.
    :param kept: the same as a standalone document, in the notebook's file.
    :param watched: the picture of the step's watch, and the same in words.
    :param earlier: when it was, if that was in an earlier start of the lab (ISO 8601, UTC, or
        empty if it is not known); ``None`` if it is of the lab that runs.
    """

    said: verdict.Verdict | None = None
    seconds: float | None = None
    outcome: Outcome | None = None
    shown: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    watched: dict[str, str] | None = None
    earlier: str | None = None

    @classmethod
    def of_record(cls, work: Work) -> "LastRun":
        """The last attempt in a trainee's record."""
        said = verdict.of_data(work.ended)
        return cls(said, work.ended.seconds or None, earlier=work.time)

    def now(self, holds: bool) -> dict[str, Any]:
        """Its part of a card's state.

        :param holds: whether the step has passed in the lab that runs.
        """
        return {
            "verdict": self.said,
            "seconds": self.seconds,
            "command_seconds": self.outcome.seconds if self.outcome else None,
            "views": self.shown,
            "watched": self.watched,
            "earlier": None if holds and self._passed() else self.earlier,
        }

    def _passed(self) -> bool:
        return self.said is not None and self.said["kind"] == "passed"

    def failed(self) -> bool:
        """It was judged, and did not pass."""
        if self.said is None or self.earlier is not None:
            return False
        return self.said["kind"] in ("not-yet", "failed", "error")

    def void(self) -> None:
        """Forget how it ended; what it printed and showed stays."""
        self.said, self.seconds, self.outcome, self.earlier = None, None, None, None

    def take_error(self, error: BaseException) -> None:
        """Take an error as the result."""
        self.earlier = None
        self.said = verdict.of_error(error)

    def take(self, outcome: Outcome, tell: Tell, seconds: float | None) -> None:
        """Take an outcome as the result."""
        self.outcome, self.said, self.earlier = outcome, tell(outcome), None
        self.seconds = None if outcome.skip_reason else seconds
        self._show(outcome, judged=tell is verdict.of_outcome)

    def watch(self, seen: Seen) -> None:
        """Show the samples of the step's watch so far."""
        watch, samples = seen.watch, seen.samples
        self.watched = {"html": watch.picture(samples, True), "text": watch.summary(samples[-1])}

    def _show(self, outcome: Outcome, judged: bool) -> None:
        try:
            made = views.of_view(outcome) if judged else []
            self.shown = [*views.recorded(outcome, live=True), *made]
            self.kept = [*views.recorded(outcome), *made]
        except Exception as error:  # the lab author's: shown with its traceback
            self.said = verdict.of_error(error)
