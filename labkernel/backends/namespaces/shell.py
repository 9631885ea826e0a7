"""``python -m labkernel.backends.namespaces.shell INSTANCE NODE``: a terminal on a node."""

import fcntl
import os
import select
import signal
import struct
import sys
import termios
from types import FrameType

from labkernel.backends import terminal
from labkernel.backends.namespaces import discovery, protocol, rundir
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import LabError

ENDED = "{node} has ended"

_SIZE = struct.Struct("HHHH")


def main(instance: str, node: str) -> int:
    """Connect this process's terminal to a login shell on the node; returns its exit code."""
    with rundir.locked():
        connection = discovery.attach(instance)
    if connection is None:
        raise LabError(f'lab "{instance}" does not run', f"labkernel up {instance}")
    if node in (vms := connection.join()["vms"]):
        return _in_vm(connection, vms, node)
    master, answer = connection.terminal(node, os.environ.get("TERM", "xterm"))
    _follow_size(master)
    with terminal.raw():
        _shuttle(master)
    received = protocol.receive(answer)
    if not received or "exit" not in received[0]:
        raise LabError(ENDED.format(node=node))
    return int(received[0]["exit"])


def _in_vm(connection: Connection, vms: list[str], node: str) -> int:
    from labkernel.backends.namespaces.machines import Machines

    machine = Machines.attach(connection, vms).get(node)
    assert machine is not None
    with machine:
        code = terminal.interact(machine)
    if code < 0:  # the connection has ended, not the shell
        raise LabError(ENDED.format(node=node))
    return code


def _follow_size(master: int) -> None:
    def copy(_number: int = 0, _frame: FrameType | None = None) -> None:
        size = fcntl.ioctl(1, termios.TIOCGWINSZ, bytes(_SIZE.size))
        fcntl.ioctl(master, termios.TIOCSWINSZ, size)

    if os.isatty(1):
        copy()
        signal.signal(signal.SIGWINCH, copy)


def _shuttle(master: int) -> None:
    """Copy in both directions until the shell's side closes; the end of input ends the shell."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(master, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            try:
                data = os.read(fd, 65536)
            except OSError:
                # EIO: no process has the terminal open any more
                return
            if fd == master:
                _write(1, data)
            elif data:
                _write(master, data)
            else:
                poll.unregister(0)
                _write(master, b"\x04")


def _write(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:3]))
    except LabError as error:
        print(file=sys.stderr)  # the terminal may stand behind a prompt
        sys.exit(f"labkernel: {error}")
