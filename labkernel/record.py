"""What a trainee did, on disk: two files for each lab, a JSON object a line.

::

    $XDG_STATE_HOME/labkernel/
        <lab>.events.jsonl    which steps were tried, when, and how that ended; no commands
        <lab>.work.jsonl      commands, outputs and verdicts: the trainee's own

Lines are only ever added, each by one write(2), so that several processes may write at once; a line
that was cut short is passed over by whoever reads.
"""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labkernel import resources
from labkernel.lab import Lab
from labkernel.outcomes import OutcomeData
from labkernel.plain import plain
from labkernel.steps import Status

VERSION = 1
#: the status of an event that is no attempt
HINT = "hint"
#: characters of a command, of an output and of a verdict that are kept
_COMMAND, _OUTPUT, _VERDICT = 10_000, 20_000, 500
#: bytes at which a file begins anew; the one before is kept
LARGEST = 16_000_000


class Record:
    """Writes what is done in one lab.

    :param events: whether it is kept which steps were tried.
    :param work: whether the commands and outputs are.
    """

    def __init__(self, lab: Lab, events: bool = True, work: bool = True) -> None:
        self._lab = lab
        self._keeps = {"events": events, "work": work}
        self._known: dict[str, Progress] | None = None

    def note(self, ended: OutcomeData, hints: int = 0) -> None:
        """Note how an attempt at a step, or a Check of one, ended.

        What can't be written is not noted: a full disk keeps nobody from learning.

        :param hints: how many were asked for by then.
        """
        head = self._head(ended.step)
        with suppress(OSError):
            if self._keeps["events"]:
                self._write("events", head | self._event(ended, hints))
            if self._keeps["work"]:
                self._write("work", head | _work(ended))

    def note_hint(self, step: str, number: int) -> None:
        """Note that a hint was asked for.

        :param number: which, from 1.
        """
        event = {"status": HINT, "hints": number} | self._head(step)
        if self._keeps["events"]:
            with suppress(OSError):
                self._write("events", event)

    def _head(self, step: str) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {"version": VERSION, "time": now, "lab": self._lab.name, "step": step}

    def _event(self, ended: OutcomeData, hints: int) -> dict[str, Any]:
        if self._known is None:
            self._known = {each.step: each for each in progress(self._lab)}
        known = self._known.setdefault(ended.step, Progress(ended.step, ended.title))
        known.attempts += 1
        return {
            "declaration": self._lab.version,
            "attempt": known.attempts,
            "status": ended.status.value,
            "seconds": ended.seconds,
            "hints": max(hints, known.hints),
            "verdict": _without_command(ended),
        }

    def _write(self, kind: str, told: dict[str, Any]) -> None:
        path = _path(self._lab.name, kind)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as fd:
            size = os.fstat(fd).st_size
            cut = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            line = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
            os.write(fd, b"\n" * cut + line + b"\n")
        if size > LARGEST:
            path.replace(path.with_suffix(".old.jsonl"))


def _without_command(ended: OutcomeData) -> str:
    """One line that says how it ended; what was typed is not in it."""
    if ended.status in (Status.PASSED, Status.NOT_YET):
        return ended.verdict[:_VERDICT]
    if ended.exit_code:
        return f"Failed with exit code {ended.exit_code}"
    return ended.status.value


def _work(ended: OutcomeData) -> dict[str, Any]:
    return {
        "command": ended.command[:_COMMAND],
        "output": plain(ended.output)[-_OUTPUT:],
        "exit_code": ended.exit_code,
        "status": ended.status.value,
        "verdict": ended.verdict[: 4 * _VERDICT],
    }


def _path(lab: str, kind: str) -> Path:
    return resources.state() / f"{lab}.{kind}.jsonl"


def files() -> list[Path]:
    """Every file of the record, of whatever lab."""
    return sorted(path for kind in ("events", "work") for path in _all(kind))


def _all(kind: str) -> Iterator[Path]:
    yield from resources.state().glob(f"*.{kind}.jsonl")
    yield from resources.state().glob(f"*.{kind}.old.jsonl")


def labs() -> list[str]:
    """The labs of which something is known, by name."""
    return sorted({path.name.partition(".")[0] for path in _all("events")})


def events(lab: str) -> Iterator[dict[str, Any]]:
    """The events of a lab, the first one first; what can't be read is passed over."""
    path = _path(lab, "events")
    for each in (path.with_suffix(".old.jsonl"), path):
        yield from _read(each)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """A descriptor of a file of the record; of nothing that somebody else has put in its place.

    :raises OSError: it can't be opened, or is none of this user's own files.
    """
    fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink != 1:
            raise PermissionError(errno.EPERM, "is no file of yours alone", str(path))
        yield fd
    finally:
        os.close(fd)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines that can be read; of a file that nobody here has written, the beginning."""
    try:
        with _opened(path, os.O_RDONLY) as fd:
            data = os.pread(fd, 2 * LARGEST, 0)
    except OSError:
        return
    for line in data.split(b"\n"):
        try:
            told = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict) and told.get("version") == VERSION:
            yield told


@dataclass
class Progress:
    """How far a trainee is with a step.

    :param passed: whether it has ever passed.
    :param status: how the last attempt ended; empty if there was none.
    :param time: when that was (ISO 8601, UTC).
    :param hints: the most that were asked for.
    """

    step: str
    title: str
    passed: bool = False
    attempts: int = 0
    status: str = ""
    time: str = ""
    hints: int = 0


def progress(lab: Lab) -> list[Progress]:
    """How far a trainee is with each step of a lab, in their order."""
    found = {step.name: Progress(step.name, step.title) for step in lab.steps}
    for event in events(lab.name):
        known = found.get(str(event.get("step")))
        if known is None:
            continue
        known.hints = max(known.hints, _number(event.get("hints")))
        if event.get("status") != HINT:
            known.attempts += 1
            known.status = str(event.get("status", ""))
            known.passed |= known.status == Status.PASSED.value
            known.time = str(event.get("time", ""))
    return list(found.values())


def _number(told: object) -> int:
    return told if isinstance(told, int) else 0
