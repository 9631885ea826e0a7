"""Masks the tables of ps(1), whose columns and widths differ from run to run."""

from collections.abc import Callable, Iterable, Iterator

_PROCESS_COLUMNS = {
    "PID": "pid",
    "PPID": "pid",
    "SPID": "pid",
    "LWP": "pid",
    "TIME": "<clock>",
    "STIME": "<clock>",
    "START": "<clock>",
    "ELAPSED": "<dur>",
    "%CPU": "<n>",
    "%MEM": "<n>",
    "C": "<n>",
    "VSZ": "<n>",
    "RSS": "<n>",
    "TTY": "<tty>",
}


def masked(lines: Iterable[str], number: Callable[[str], str]) -> Iterator[str]:
    """Mask the volatile columns of ps(1)."""
    columns: list[str] = []
    for line in lines:
        words = line.split()
        if "PID" in words and ("CMD" in words or "COMMAND" in words):
            columns = words
            yield " ".join(words)
        elif columns and len(words) >= len(columns):
            yield " ".join(_row(columns, line.split(None, len(columns) - 1), number))
        else:
            columns = []
            yield line


def _row(columns: list[str], words: list[str], number: Callable[[str], str]) -> Iterator[str]:
    for column, word in zip(columns, words, strict=True):
        token = _PROCESS_COLUMNS.get(column, "")
        if token == "pid":
            yield number(word) if word.isdigit() else word
        else:
            yield token or word.rstrip()
