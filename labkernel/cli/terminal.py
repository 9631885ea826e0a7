"""Prints for the commands: tables for people, JSON for scripts, and progress.

Results go to standard output; progress goes to standard error, and is live only on a terminal.
"""

import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from labkernel.cli import quoting
from labkernel.progress import OnProgress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

#: what an OSError of standard output has as its file's name
OUTPUT = "standard output"

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


class _Output(io.FileIO):
    """Standard output, which says once that it can't be written: Python tries again at its end."""

    _failed = False

    def write(self, data: Any, /) -> int:
        """See io.RawIOBase."""
        if self._failed or not len(data):  # click tries with nothing, and forgives
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self._failed = True
            raise OSError(error.errno, error.strerror, OUTPUT) from None


def name_output() -> None:
    """Let errors of standard output have its name, as those of files have."""
    old = sys.stdout
    buffer = getattr(old, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # with PYTHONUNBUFFERED there is no buffer
    if old is sys.__stdout__ and isinstance(old, io.TextIOWrapper) and type(raw) is io.FileIO:
        named: Any = _Output(old.fileno(), "w", closefd=False)
        sys.stdout = io.TextIOWrapper(
            named if buffer is raw else io.BufferedWriter(named),
            encoding=old.encoding,
            errors=old.errors,
            line_buffering=old.line_buffering,
            write_through=old.write_through,
        )


#: what a terminal would obey or can't write, and the signs of a CI server's command
_UNSAFE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|(?<=#)#")


def replace_what_can_not_be_written() -> None:
    """Standard output may have an encoding that lacks some characters, and names of files may have
    octets that are none."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def flush() -> None:
    """Flush standard output."""
    with suppress(BrokenPipeError):  # nobody reads it
        sys.stdout.flush()


def let_go() -> None:
    """Write what is left; where that can't be written (the terminal is closed), Python would try
    again at its end, and for another exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_json(data: Any) -> None:
    """Print lists and dicts as JSON, which says the same in each encoding."""
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(data, ensure_ascii=not is_unicode, indent=2)
    click.echo(_UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text))


def print_columns(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table as aligned text, a line for each row, which grep and awk understand."""
    lines = [list(head), *([quoting.line(str(cell)) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (f"{cell:{width}}" for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def console(stderr: bool = False) -> "Console":
    """A console without colours where the output is no terminal, or NO_COLOR is set."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, emoji=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = 120
    return made


def write(text: str) -> None:
    """Write output as it comes."""
    sys.stdout.write(text)
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell people something that is no result."""
    click.echo(quoting.safe(text), file=sys.stderr)


@contextmanager
def live() -> Iterator["Progress | None"]:
    """Bars on standard error, each with its field `what`; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}", markup=False),
        console=console(stderr=True),
        transient=True,
    ) as progress:
        yield progress


@contextmanager
def progress() -> Iterator[OnProgress]:
    """Shows what is being done: as a bar, or where there is no terminal, a line for each stage."""
    with live() as bars:
        yield _stages() if bars is None else _bar(bars)


def _bar(bars: "Progress") -> OnProgress:
    def show(what: str, fraction: float | None) -> None:
        # the bar comes with the first report: often there is nothing to do
        task = bars.task_ids[0] if bars.task_ids else bars.add_task("", total=None, what="")
        bars.update(
            task,
            what=quoting.line(what),
            total=None if fraction is None else 1.0,
            completed=fraction or 0.0,
        )

    return show


def _stages() -> Callable[[str, float | None], None]:
    last = ""

    def show(what: str, _part: float | None) -> None:
        nonlocal last
        stage = ":".join(what.split(":")[:2])
        if stage != last:
            say(stage)
        last = stage

    return show
