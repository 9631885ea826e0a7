"""The callback that reports the progress of long work."""

from collections.abc import Callable

OnProgress = Callable[[str, float | None], None]
"""Called with a description of the work and the fraction that is done (``None``: unknown)."""


def ignore(what: str, fraction: float | None) -> None:
    """Discard the report."""
