"""Work behind a button, and its result."""

import inspect
from collections.abc import Callable
from typing import Any

NOT_YET = "Not yet: press “{}”."


class Deferred:
    """Work that starts when its button is pressed.

    :ivar done: whether ``result`` has come.
    """

    def __init__(self, label: str, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self.label = label
        self.work = work
        self.given = given
        self.done = False
        self.result: Any = None

    def __str__(self) -> str:
        return str(self.result) if self.done else NOT_YET.format(self.label)

    def _ipython_display_(self) -> None:
        """Show nothing: its button is already shown."""

    @property
    def missing(self) -> "Deferred | None":
        """The first argument whose own button was not pressed; None if there is none."""
        waiting = [each for each in self.given if isinstance(each, Deferred) and not each.done]
        return waiting[0] if waiting else None

    def do(self, on_progress: Callable[[str, float | None], None]) -> None:
        """Do it, with the results of what it needs."""
        given = [each.result if isinstance(each, Deferred) else each for each in self.given]
        takes = inspect.signature(self.work).parameters
        more = {"on_progress": on_progress} if "on_progress" in takes else {}
        self.result = self.work(*given, **more)
        self.done = True
