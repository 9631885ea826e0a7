"""How long work is followed."""

from collections.abc import Callable

OnProgress = Callable[[str, float | None], None]
"""Called with what is being done and the part that is done (0 to 1; ``None``: unknown)."""


def ignore(what: str, part: float | None) -> None:
    """Report to nobody."""
