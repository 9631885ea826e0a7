"""A process per way and round: started, told "up" and "down", timed, seen to leave nothing."""

import ctypes
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from common import HERE, Missing

_PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 60.0  # for one answer


def adopt_orphans() -> None:
    """Become the parent of whatever outlives a way's process, so that it can be seen."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> set[int]:
    """The living processes below one, at this moment."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in _children(waiting.pop()):
            found.add(child)
            waiting.append(child)
    return {pid for pid in found if _lives(pid)}


def _lives(pid: int) -> bool:
    """Whether it has not ended; a zombie has, though nobody has asked it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(text) for task in tasks for text in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


class Conversation:
    """The process of one way, and the clock that runs from a word to its answer."""

    def __init__(self, words: Sequence[str], within: Path) -> None:
        self.started = time.perf_counter()
        self._errors = tempfile.TemporaryFile(dir=within)  # noqa: SIM115  closed by close()
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=os.environ | {"TMPDIR": str(within), "PYTHONPATH": str(HERE.parent)},
        )
        self._said = b""

    def hear(self, word: str) -> None:
        """Wait for a line.

        :raises Missing: the process ended, said something else or nothing in time.
        """
        assert self._process.stdout
        pipe = self._process.stdout.fileno()
        while not self._said.endswith(b"\n"):
            ready, _, _ = select.select([pipe], [], [], PATIENCE)
            if not ready:
                raise Missing(f'no "{word}" within {PATIENCE:g} s')
            read = os.read(pipe, 100)
            if not read:
                raise Missing(f'ended before "{word}": {self._complaint()}')
            self._said += read
        if self._said != f"{word}\n".encode():
            raise Missing(f'said {self._said!r}, not "{word}"')
        self._said = b""

    def tell(self, word: str) -> float:
        """Say a word, wait until it is done; how long that took."""
        assert self._process.stdin
        began = time.perf_counter()
        self._process.stdin.write(f"{word}\n".encode())
        self._process.stdin.flush()
        self.hear(word)
        return time.perf_counter() - began

    def tell_down(self, before: set[int]) -> float:
        """Say "down", wait until its processes are gone as well; how long that took."""
        began = time.perf_counter()
        self.tell("down")
        while left := self.processes() - before:
            if time.perf_counter() - began > PATIENCE:
                raise Missing(f"{len(left)} processes are left after down")
            time.sleep(0.001)
        return time.perf_counter() - began

    def processes(self) -> set[int]:
        """What runs below this program: this process and all that it has started."""
        return descendants(os.getpid())

    def close(self) -> None:
        """End the process.

        :raises Missing: something that it started is left.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # takes a confined way's processes with it
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()
        wait_until(lambda: not _living_children(), "processes are left behind")

    def _complaint(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it printed nothing"


def _living_children() -> list[int]:
    """Reap the orphans that have ended; those that live."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return []
        if pid == 0:
            return _children(os.getpid())


def wait_until(done: Callable[[], bool], otherwise: str, seconds: float = 10.0) -> None:
    """Poll each millisecond.

    :raises Missing: it did not come true.
    """
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Missing(otherwise)
        time.sleep(0.001)
