"""The last run or check of a step, as its card shows it: verdict, times, views."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from labkernel.notebook import verdict, views
from labkernel.observing import Seen
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
    """

    said: verdict.Verdict | None = None
    seconds: float | None = None
    outcome: Outcome | None = None
    shown: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    watched: dict[str, str] | None = None

    def now(self) -> dict[str, Any]:
        """Its part of a card's state."""
        return {
            "verdict": self.said,
            "seconds": self.seconds,
            "command_seconds": self.outcome.seconds if self.outcome else None,
            "views": self.shown,
            "watched": self.watched,
        }

    def failed(self) -> bool:
        """It was judged, and did not pass."""
        return self.said is not None and self.said["kind"] in ("not-yet", "failed", "error")

    def void(self) -> None:
        """Forget how it ended; what it printed and showed stays."""
        self.said, self.seconds, self.outcome = None, None, None

    def take_error(self, error: BaseException) -> None:
        """Take an error as the result."""
        self.said = verdict.of_error(error)

    def take(self, outcome: Outcome, tell: Tell, seconds: float | None) -> None:
        """Take an outcome as the result."""
        self.outcome, self.said = outcome, tell(outcome)
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
