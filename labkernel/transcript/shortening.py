"""Shortens text that is too long for a transcript to its beginning and end."""

from collections.abc import Sequence

LINES = 200
"""The maximum number of output lines in a transcript."""

WIDTH = 2000
"""The maximum length of its lines, in characters."""


def shorten(lines: Sequence[str], limit: int = LINES) -> list[str]:
    """Replace the middle of more than `limit` lines by their number, and shorten each line."""
    if len(lines) <= limit:
        return [_narrowed(line) for line in lines]
    head, tail = limit - limit // 4, limit // 4
    truncated = f"[… {len(lines) - head - tail} lines …]"
    return [*map(_narrowed, lines[:head]), truncated, *map(_narrowed, lines[-tail:])]


def _narrowed(line: str) -> str:
    """Shorten a line to about :data:`WIDTH` characters."""
    if len(line) <= WIDTH:
        return line
    head, tail = WIDTH // 2, WIDTH // 4
    return f"{line[:head]}[… {len(line) - head - tail} characters …]{line[-tail:]}"
