"""The channels to a VM node, which its supervisor opens: to its SSH server, its QEMU, and its
console."""

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
    """Connect to the SSH server of a VM node.

    :raises OSError: the connection fails.
    """
    return _connected(socket.socket(fileno=connection.fetch("dial", name)))


def _connected(sock: socket.socket) -> socket.socket:
    """Wait for a connection in progress.

    :raises OSError: it fails.
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
    """Let QEMU restore a template's state, and continue.

    :raises NodeLost: it fails.
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
    """Let QEMU signal to its guest that a NIC's cable was unplugged or plugged in.

    :raises NodeLost: the VM has ended.
    """
    with (
        _alone(connection, name),
        socket.socket(fileno=connection.fetch("control", name)) as channel,
    ):
        Control(channel).ask("set_link", name=f"lab{slot}", up=plugged)


@contextmanager
def _alone(connection: Connection, name: str) -> Iterator[None]:
    """Lock a VM's QEMU for one client at a time, as all use the same channel.  The lock is on the
    file of its console, reopened: descriptors of the supervisor share their locks.

    :raises NodeLost: another client does not release it.
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
    """The output on its console; empty if the node has ended."""
    try:
        fd = connection.fetch("console", name)
    except NodeLost:
        return ""
    with os.fdopen(fd, encoding="utf-8", errors="replace") as file:
        file.seek(0)
        return file.read()
