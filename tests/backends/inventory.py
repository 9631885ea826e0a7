"""What of a lab is on this machine: processes, namespaces, mounts, links, files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_KINDS = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


@contextmanager
def client(
    *words: str | Path, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """A process of Python's that starts a lab; killed in the end, also where the test fails."""
    command = [sys.executable, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def marked(mark: str) -> set[int]:
    """The processes that were started with `mark` in their environment, and all that they started:
    a lab's own processes have an environment that nobody can look into."""
    found = {pid for pid in _pids() if mark.encode() in _read(f"/proc/{pid}/environ")}
    parents = {pid: _parent(pid) for pid in _pids()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parent(pid: int) -> int:
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def namespaces(pids: set[int]) -> set[tuple[str, int]]:
    """The namespaces of these processes that are not this process's own, and the processes
    themselves: of a lab's own processes an ordinary user can't see the namespaces."""
    return {space for pid in pids for space in _of(pid)} - _of(os.getpid())


def of_lab(mark: str) -> tuple[set[tuple[str, int]], list[int]]:
    """The namespaces of the processes that are marked so, and with these all that are in such a
    namespace: what a lab has started need not have the mark."""
    found = marked(mark)
    spaces = namespaces(found)
    return spaces, sorted(found | inside(spaces))


def inside(spaces: set[tuple[str, int]], until: int | None = None) -> set[int]:
    """The processes that are in any of these namespaces.

    :param until: only those that had started by then (see :func:`now`).  The kernel gives a
        namespace's number to the next one once it is gone: who came later, in a lab of other tests,
        may have the number and is not in the namespace.

    One that has ended and waits for the machine's init to take note is gone: that may take a while.
    """
    found = {pid for pid in _pids() if _of(pid) & spaces and not _left_to_init(pid)}
    return {pid for pid in found if until is None or _started(pid) <= until}


def now() -> int:
    """The present as the kernel notes it of a process's start: clock ticks since boot."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK")) + 1


def _started(pid: int) -> int:
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return int(fields[19]) if fields else sys.maxsize


def _left_to_init(pid: int) -> bool:
    """Whether it is a zombie whose parent is the machine's init (proc_pid_stat(5))."""
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[:2] == [b"Z", b"1"]


def kill(pid: int) -> str:
    """Kill a process of a lab; returns what it was."""
    try:
        name = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, FileNotFoundError):
        return "one that had just ended"
    return f"{pid} {name}"


def host() -> tuple[str, str]:
    """Mounts and links of the machine itself."""
    return Path("/proc/self/mountinfo").read_text(), _names(Path("/proc/self/net/dev").read_text())


def wait_until(done: Callable[[], bool], within: float = 15.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + within
    while not (now := done()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return now


def _names(table: str) -> str:
    return " ".join(line.partition(":")[0].strip() for line in table.splitlines()[2:])


def _pids() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _of(pid: int) -> set[tuple[str, int]]:
    found = {("process", pid << 40 | _started(pid))}
    for kind in _KINDS:
        try:
            found.add((kind, Path(f"/proc/{pid}/ns/{kind}").stat().st_ino))
        except OSError:
            continue  # it has ended, or is another user's: none of ours
    return found


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
