"""The processes of VirtualBox's machines, for when VirtualBox itself does not end them.

Under Linux: elsewhere nothing is found.
"""

import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

_PROGRAM = b"VBoxHeadless"
_ENDED = 10.0  # seconds in which the kernel ends a process that was killed


def kill(uuid: str) -> None:
    """Kill the process of a machine, and wait for its end."""
    for pidfd in _of(uuid.encode()):
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            select.select([pidfd], [], [], _ENDED)
        except (ProcessLookupError, PermissionError):
            continue  # it has just ended, or is another user's
        finally:
            os.close(pidfd)


def _of(uuid: bytes) -> Iterator[int]:
    """Pidfds of the processes whose command line says that they run the machine."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            pidfd = os.pidfd_open(int(path.name))
        except OSError:
            continue
        # what is read now is of the process that the descriptor stands for, or of none
        if _runs(path, uuid):
            yield pidfd
        else:
            os.close(pidfd)


def _runs(process: Path, uuid: bytes) -> bool:
    try:
        program, *words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return program.endswith(_PROGRAM) and uuid in words
