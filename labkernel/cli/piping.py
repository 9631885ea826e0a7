"""Commands on a node as a part of a pipeline: what they print goes to this command's own standard
output and standard error, octet for octet."""

import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from labkernel.backends.base import Octets
from labkernel.cli import signals

if TYPE_CHECKING:
    from labkernel.lab import Lab

#: seconds in which the last errors come; what runs on in the background may hold them for ever
_LAST_ERRORS = 1.0
#: the exit code of a command whose reader has gone (SIGPIPE)
_NO_READER = 141

# A node's command has one stream for both; where ours are two files, its errors take a way of their
# own.  SIGINT is for the command alone.
_HAND_ON = 'trap "" INT; mkfifo -m 600 "$0" && echo $$ && exec cat "$0"'
_WITH_ERRORS = 'exec 2>"$1" && rm -f "$1" && shift && exec "$@"'


def run(lab: "Lab", node: str, command: Sequence[str], stdin: bytes) -> int:
    """Run a command on a node; gives its exit code."""
    try:
        if _is_one_file():
            return _run(lab, node, command, stdin)
        with _errors(lab, node) as fifo:
            return _run(lab, node, ["bash", "-c", _WITH_ERRORS, "bash", fifo, *command], stdin)
    except BrokenPipeError:
        # at its end Python flushes it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER


def _is_one_file() -> bool:
    """Whether standard output and standard error are the same: then the order of both counts."""
    out, error = (os.fstat(stream.fileno()) for stream in (sys.stdout, sys.stderr))
    return os.path.samestat(out, error)


def _run(lab: "Lab", node: str, command: Sequence[str], stdin: bytes) -> int:
    """In a thread: Ctrl-C then interrupts the command, which may still have its say."""
    with ThreadPoolExecutor(1, initializer=signals.leave_to_the_main_thread) as pool:
        take = Octets(_into(sys.stdout.buffer))
        running = pool.submit(lab.run, node, command, take, None, stdin=stdin)
        while True:
            try:
                return running.result().exit_code
            except KeyboardInterrupt:
                lab.stop()
                signals.go_on()


@contextmanager
def _errors(lab: "Lab", node: str) -> Iterator[str]:
    """A FIFO on the node; what is written to it comes out on standard error."""
    fifo = f"/run/labkernel-errors-{secrets.token_hex(8)}"
    reader = _Reader(_into(sys.stderr.buffer))
    with ThreadPoolExecutor(1, initializer=signals.leave_to_the_main_thread) as pool:
        words = ["bash", "-c", _HAND_ON, fifo]
        running = pool.submit(lab.run, node, words, Octets(reader.take), None)
        running.add_done_callback(lambda _: reader.ready.set())
        reader.ready.wait()
        try:
            yield fifo
        finally:
            if wait([running], _LAST_ERRORS).not_done:
                lab.run(node, ["bash", "-c", 'kill "$0"; rm -f "$1"', reader.pid, fifo])


class _Reader:
    """Takes the number of the process that hands the errors on, a line, and then the errors."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.ready = threading.Event()
        self.pid = ""
        self._begun = b""
        self._write = write

    def take(self, data: bytes) -> None:
        """The next piece."""
        if not self.pid:
            self._begun += data
            first, end, data = self._begun.partition(b"\n")
            if not end:
                return
            self.pid = first.decode()
            self.ready.set()
        if data:
            self._write(data)


def _into(file: BinaryIO) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        while data:  # without a buffer (PYTHONUNBUFFERED) it may take less
            data = data[file.write(data) :]
        file.flush()

    return write
