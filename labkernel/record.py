"""The trainee's record on disk: two files for each lab, one JSON object per line.

::

    $XDG_STATE_HOME/labkernel/
        <lab>.events.jsonl    attempts at steps, with time and status; no commands
        <lab>.work.jsonl      commands, outputs and verdicts: private to the trainee

Lines are only appended, each by one write(2), so that several processes can write at once; readers
skip a truncated line.
"""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from labkernel import resources
from labkernel.lab import Lab
from labkernel.outcomes import OutcomeData
from labkernel.plain import plain
from labkernel.steps import Status

VERSION = 1
#: the status of an event for a hint
HINT = "hint"
#: the maximum length of a command, an output and a verdict, in characters
_COMMAND, _OUTPUT, _VERDICT = 10_000, 20_000, 500
#: the size in bytes at which a new file is begun; the previous one is kept
LARGEST = 16_000_000


class Record:
    """Writes the record of one lab.

    :param events: whether attempts at steps are recorded.
    :param work: whether commands and outputs are recorded.
    """

    def __init__(self, lab: Lab, events: bool = True, work: bool = True) -> None:
        self._lab = lab
        self._keeps = {"events": events, "work": work}

    @cached_property
    def known(self) -> dict[str, "Progress"]:
        """The trainee's progress by the names of steps, with what was recorded here since."""
        return {each.step: each for each in progress(self._lab)}

    def keeps(self, kind: str) -> bool:
        """Check if one of its two parts, ``events`` or ``work``, is kept."""
        return self._keeps[kind]

    def note(self, ended: OutcomeData, hints: int = 0) -> None:
        """Record the outcome of an attempt at a step, or of its check.

        Errors of writing are ignored: the labs work with a full disk.

        :param hints: the number of hints shown so far.
        """
        head = self._head(ended.step)
        with suppress(OSError):
            if self._keeps["events"]:
                self._write("events", head | self._event(ended, hints))
            if self._keeps["work"]:
                self._write("work", head | _work(ended))

    def note_hint(self, step: str, number: int) -> None:
        """Record that a hint was shown.

        :param number: the hint's number, from 1.
        """
        event = {"status": HINT, "hints": number} | self._head(step)
        if self._keeps["events"]:
            with suppress(OSError):
                self._write("events", event)

    def _head(self, step: str) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {"version": VERSION, "time": now, "lab": self._lab.name, "step": step}

    def _event(self, ended: OutcomeData, hints: int) -> dict[str, Any]:
        known = self.known.setdefault(ended.step, Progress(ended.step, ended.title))
        known.attempts += 1
        known.passed |= ended.status is Status.PASSED
        return {
            "declaration": self._lab.version,
            "attempt": known.attempts,
            "status": ended.status.value,
            "seconds": ended.seconds,
            "hints": max(hints, known.hints),
            "verdict": _without_command(ended),
        }

    def _write(self, kind: str, entry: dict[str, Any]) -> None:
        path = _path(self._lab.name, kind)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as fd:
            size = os.fstat(fd).st_size
            cut = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")
            os.write(fd, b"\n" * cut + line + b"\n")
        if size > LARGEST:
            path.replace(path.with_suffix(".old.jsonl"))


def _without_command(ended: OutcomeData) -> str:
    """A verdict of one line that does not contain what the trainee typed."""
    if ended.status in (Status.PASSED, Status.NOT_YET):
        return ended.verdict[:_VERDICT]
    if ended.exit_code:
        return f"Failed with exit code {ended.exit_code}"
    return ended.status.value


def _work(ended: OutcomeData) -> dict[str, Any]:
    return {
        "command": ended.command[:_COMMAND],
        "node": ended.node,
        "output": plain(ended.output)[-_OUTPUT:],
        "exit_code": ended.exit_code,
        "status": ended.status.value,
        "verdict": ended.verdict[: 4 * _VERDICT],
        "expected": ended.expected[:_VERDICT],
        "seen": ended.seen[: 4 * _VERDICT],
        "hint": ended.hint[:_VERDICT],
        "seconds": ended.seconds,
    }


def _path(lab: str, kind: str) -> Path:
    return resources.state() / f"{lab}.{kind}.jsonl"


def files() -> list[Path]:
    """The files of the record, of all labs."""
    return sorted(path for kind in ("events", "work") for path in _all(kind))


def _all(kind: str) -> Iterator[Path]:
    yield from resources.state().glob(f"*.{kind}.jsonl")
    yield from resources.state().glob(f"*.{kind}.old.jsonl")


def labs() -> list[str]:
    """The names of the labs that have a record."""
    return sorted({path.name.partition(".")[0] for path in _all("events")})


def events(lab: str) -> Iterator[dict[str, Any]]:
    """The events of a lab in the order of time; unreadable lines are skipped."""
    path = _path(lab, "events")
    for each in (path.with_suffix(".old.jsonl"), path):
        yield from _read(each)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """A descriptor of a file of the record; a file that somebody else planted is refused.

    :raises OSError: it can't be opened, or is not this user's own file.
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
    """The valid entries of a file; of a file larger than any of ours, those at its beginning."""
    try:
        with _opened(path, os.O_RDONLY) as fd:
            data = os.pread(fd, 2 * LARGEST, 0)
    except OSError:
        return
    for line in data.split(b"\n"):
        try:
            entry = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and entry.get("version") == VERSION:
            yield entry


@dataclass
class Progress:
    """A trainee's progress with a step.

    :param passed: whether it has ever passed.
    :param status: the status of the last attempt; empty if there was none.
    :param time: the time of the last attempt (ISO 8601, UTC).
    :param hints: the largest number of hints shown.
    """

    step: str
    title: str
    passed: bool = False
    attempts: int = 0
    status: str = ""
    time: str = ""
    hints: int = 0


def progress(lab: Lab) -> list[Progress]:
    """A trainee's progress with each step of a lab, in the order of the steps."""
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


@dataclass
class Work:
    """A trainee's work on a step, of the last attempts.

    :param ended: the last attempt; with the command and the output of the last one that ran a
        command, if it was only checked later.
    :param time: the time of the last attempt (ISO 8601, UTC).
    :param passed: the last attempt that passed by a command; ``None`` if there was none.
    """

    ended: OutcomeData
    time: str
    passed: OutcomeData | None = None


def work(lab: Lab) -> dict[str, Work]:
    """A trainee's work in a lab by the names of its steps; a step without any is left out."""
    steps = {step.name: step for step in lab.steps}
    found: dict[str, Work] = {}
    path = _path(lab.name, "work")
    for entry in (*_read(path.with_suffix(".old.jsonl")), *_read(path)):
        step = steps.get(str(entry.get("step")))
        ended = OutcomeData.from_json(entry | {"title": step.title}) if step else None
        if ended is None:
            continue
        known = found.get(ended.step)
        if known and not ended.command:
            before = known.ended
            ended = replace(ended, command=before.command, node=before.node, output=before.output)
        passed = ended if ended.status is Status.PASSED and entry.get("command") else None
        time = str(entry.get("time", ""))
        found[ended.step] = Work(ended, time, passed or (known.passed if known else None))
    return found


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
