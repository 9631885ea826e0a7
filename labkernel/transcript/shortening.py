"""The beginning and the end of what is too long for a transcript."""

from collections.abc import Sequence

LINES = 200
"""Output lines that a transcript holds; of longer outputs, the beginning and the end."""

WIDTH = 2000
"""Characters that a line of it holds; of longer lines, the beginning and the end."""


def shorten(lines: Sequence[str], limit: int = LINES) -> list[str]:
    """The lines, or, of more than `limit`, the first and last of them and how many are not here;
    and so with the characters of each."""
    if len(lines) <= limit:
        return [_narrowed(line) for line in lines]
    head, tail = limit - limit // 4, limit // 4
    truncated = f"[… {len(lines) - head - tail} lines …]"
    return [*map(_narrowed, lines[:head]), truncated, *map(_narrowed, lines[-tail:])]


def _narrowed(line: str) -> str:
    """The line in at most :data:`WIDTH` characters."""
    if len(line) <= WIDTH:
        return line
    head, tail = WIDTH // 2, WIDTH // 4
    return f"{line[:head]}[… {len(line) - head - tail} characters …]{line[-tail:]}"
