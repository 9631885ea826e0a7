"""Connects this process's terminal to a login shell on a machine by SSH."""

import os
import select
import shutil
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paramiko import Channel

    from labkernel.backends.ssh import Machine


def interact(machine: "Machine") -> int:
    """Run a shell on the machine in this terminal; returns its exit code.

    :raises NodeLost: no shell can be started.
    """
    columns, rows = shutil.get_terminal_size()
    channel = machine.terminal(os.environ.get("TERM", "xterm"), columns, rows)
    _follow_size(channel)
    with raw():
        _shuttle(channel)
    return channel.recv_exit_status()


@contextmanager
def raw() -> Iterator[None]:
    """Set this process's terminal, if it has one, to raw mode."""
    saved = termios.tcgetattr(0) if os.isatty(0) else None
    try:
        if saved:
            tty.setraw(0)
        yield
    finally:
        if saved:
            termios.tcsetattr(0, termios.TCSADRAIN, saved)


def _follow_size(channel: "Channel") -> None:
    def copy(_number: int, _frame: FrameType | None) -> None:
        columns, rows = os.get_terminal_size(1)
        channel.resize_pty(columns, rows)

    if os.isatty(1):
        signal.signal(signal.SIGWINCH, copy)


def _shuttle(channel: "Channel") -> None:
    """Copy in both directions until the shell's side closes; the end of input ends the shell."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(channel.fileno(), select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd != 0:
                data = channel.recv(65536)
                if not data:
                    return
                _write(data)
            elif data := os.read(0, 65536):
                channel.sendall(data)
            else:
                poll.unregister(0)
                channel.sendall(b"\x04")


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]
