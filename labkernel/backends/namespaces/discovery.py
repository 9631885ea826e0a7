"""Finds running labs, and ends them, even if they do not answer."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkernel.backends.namespaces import processes, protocol, rundir
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import BackendError, NodeLost

#: seconds until every working lab answers to be listed
_LIST = 1.5
#: seconds until the kernel has ended a killed lab; and until its keeper has removed the socket
_KILLED, _TIDY = 30.0, 2.0


def attach(instance: str) -> Connection | None:
    """Connect to a running lab by its name, if there is one; the caller holds the lock.

    :raises rundir.NoAnswer: it accepts no further connection.
    """
    for where in rundir.sockets(instance):
        if sock := rundir.connect(where):
            return Connection(sock, where.pid)
    return None


def running() -> list[dict[str, Any]]:
    """Describe every running lab of this user: lab, instance, pid, nodes, and which of these have
    ended or are stopped; for a lab that does not answer ``answers`` is false."""
    with rundir.locked():
        found = [(where, _connected(where)) for where in rundir.sockets()]
    connected = [(where, connection) for where, connection in found if connection is not None]
    until = time.monotonic() + _LIST
    labs = []
    for where, connection in connected:
        with _closing(connection):
            labs += _described(where, connection, until)
    return labs


def _connected(where: rundir.Socket) -> Connection | str | None:
    try:
        sock = rundir.connect(where)
    except rundir.NoAnswer as error:
        return str(error)
    return Connection(sock, where.pid) if sock else None


@contextmanager
def _closing(connection: Connection | str) -> Iterator[None]:
    try:
        yield
    finally:
        if isinstance(connection, Connection):
            connection.close()


def _described(
    where: rundir.Socket, connection: Connection | str, until: float
) -> list[dict[str, Any]]:
    """Describe a lab; empty if it ends at this moment."""
    silent = {"lab": where.instance, "instance": where.instance, "pid": where.pid}
    silent |= {"nodes": [], "vms": [], "ended": {}, "stopped": [], "answers": False}
    if isinstance(connection, str):
        return [silent]
    try:
        lab = connection.ask("describe", within=max(0.05, until - time.monotonic()))
    except NodeLost:
        return []
    except BackendError:  # no answer, or none that is understood
        return [silent]
    return [lab | {"answers": True}]


def end(instance: str) -> bool:
    """End a lab by its name, even if it does not answer: kill its supervisor, and let the kernel
    remove the rest.

    :returns: true if there was one.
    :raises BackendError: it has not ended.
    """
    ended = False
    for where in rundir.sockets(instance):
        if not where.pid:
            continue  # made by another version: its name has no process id
        supervisor = where.supervisor()
        if supervisor is not None:
            keeper = _keeper(where.pid)
            kill(supervisor, where.pid)
            _tidy(keeper)
            ended = True
        rundir.remove(where.path)
    return ended


def forget(instance: str) -> None:
    """Remove the sockets of ended labs with a name."""
    with rundir.locked(), contextlib.suppress(rundir.NoAnswer):
        if connection := attach(instance):
            connection.close()


def kill(pidfd: int, pid: int = 0) -> None:
    """Kill a supervisor, wait for its end, and close the descriptor.

    :raises BackendError: it has not ended.
    """
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        if not has_ended(pidfd, _KILLED):
            raise BackendError(
                f"a lab's supervisor (process {pid or 'unknown'}) was killed and does not end",
                "look at it with ps; the kernel may wait for a disk or a network file system",
            )
    except ProcessLookupError:
        return
    finally:
        os.close(pidfd)


def _keeper(supervisor: int) -> int | None:
    """A pidfd of a supervisor's parent, if that is its keeper and not a subreaper."""
    try:
        pid = int(processes.fields(supervisor)[1])
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        pidfd = os.pidfd_open(pid)
    except (OSError, IndexError, ValueError):
        return None
    if any(word.endswith(b"/namespaces/supervisor.py") for word in words):
        return pidfd
    os.close(pidfd)
    return None


def _tidy(keeper: int | None) -> None:
    """Wait for the keeper, which removes the socket and ends; kill it if it is stopped."""
    if keeper is None:
        return
    try:
        if not has_ended(keeper, _TIDY):
            signal.pidfd_send_signal(keeper, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        os.close(keeper)


def has_ended(pidfd: int, within: float) -> bool:
    """Check if a process has ended, or ends within some seconds."""
    return protocol.readable(pidfd, within)
