"""The channels to a VM node that its supervisor hands out: to its SSH server and to its QEMU, and
what its console has printed."""

import fcntl
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkernel.backends.namespaces import boot
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import NodeLost
from labkernel.vm.qmp import Control

_WITHIN = 60.0  # seconds


def dial(connection: Connection, name: str) -> socket.socket:
    """A connection to its SSH server.

    :raises OSError: it does not come.
    """
    return _connected(socket.socket(fileno=connection.fetch("dial", name)))


def _connected(sock: socket.socket) -> socket.socket:
    """Wait for a connection that is under way.

    :raises OSError: it does not come.
    """
    try:
        if not select.select([], [sock], [], _WITHIN)[1]:
            raise TimeoutError(f"no connection within {_WITHIN:g} s")
        if number := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(number, os.strerror(number))
    except OSError:
        sock.close()
        raise
    sock.setblocking(True)
    return sock


def load(connection: Connection, name: str, folder: Path) -> None:
    """Have its QEMU restore what a template has saved, and go on.

    :raises NodeLost: it can't.
    """
    with socket.socket(fileno=connection.fetch("control", name)) as channel:
        control = Control(channel)
        control.greet()
        control.ask("migrate-set-capabilities", capabilities=[boot.IGNORE_SHARED])
        with (folder / "state").open("rb") as state:
            control.give("state", state.fileno())
        control.ask("migrate-incoming", uri="fd:state")
        while control.ask("query-status")["status"] == "inmigrate":
            time.sleep(0.01)
        control.ask("cont")


def set_link(connection: Connection, name: str, slot: int, plugged: bool) -> None:
    """Have its QEMU tell its guest that a NIC's cable was pulled, or is there again.

    :raises NodeLost: the VM has ended.
    """
    with (
        _alone(connection, name),
        socket.socket(fileno=connection.fetch("control", name)) as channel,
    ):
        Control(channel).ask("set_link", name=f"lab{slot}", up=plugged)


@contextmanager
def _alone(connection: Connection, name: str) -> Iterator[None]:
    """One client at a time speaks with a VM's QEMU: all have the same channel.  The lock is on the
    file of its console, opened anew: who got a descriptor of the supervisor shares its locks.

    :raises NodeLost: another one does not come to an end.
    """
    fd = connection.fetch("console", name)
    try:
        lock = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(fd)
    try:
        _lock(lock, name, time.monotonic() + _WITHIN)
        yield
    finally:
        os.close(lock)


def _lock(fd: int, name: str, end: float) -> None:
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise NodeLost(f"{name}: its QEMU does not answer another client") from None
            time.sleep(0.02)


def console(connection: Connection, name: str) -> str:
    """What it has printed on its console; nothing where it has ended."""
    try:
        fd = connection.fetch("console", name)
    except NodeLost:
        return ""
    with os.fdopen(fd, encoding="utf-8", errors="replace") as file:
        file.seek(0)
        return file.read()
