"""Commands on a node as a part of a pipeline: what they print goes to this command's own standard
output and standard error, octet for octet."""

import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from labkernel.cli import signals
from labkernel.command import Octets
from labkernel.errors import LabError

if TYPE_CHECKING:
    from labkernel.command import Result
    from labkernel.running import RunningLab

#: seconds in which the last errors come; what runs on in the background may hold them for ever
_LAST_ERRORS = 1.0
#: seconds in which a node makes a FIFO, a VM that is emulated as well; and ends who reads from it
_FIFO, _TIDY = 30.0, 5.0
#: seconds after which whatever was stopped has been killed, where its node answers
_AGAIN = 3.0
#: the exit code of a command whose reader has gone (SIGPIPE)
_NO_READER = 141

# A node's command has one stream for both; where ours are two files, its errors take a way of their
# own.  SIGINT is for the command alone.  The command removes the FIFO as soon as it has it: where
# that is there at the end, nobody read.
_HAND_ON = (
    'trap "" INT; mkfifo -m 600 "$0" && [ -p "$0" ] && echo $$ && { cat "$0"; [ ! -e "$0" ]; }'
)
_NO_WAY = (
    "{node}: there is no way for what a command says on standard error: mkfifo or cat does not do "
    "there what it should"
)
_WITH_ERRORS = 'exec 2>"$1" && rm -f "$1" && shift && exec "$@"'


def run(lab: "RunningLab", node: str, command: Sequence[str], stdin: bytes) -> int:
    """Run a command on a node; gives its exit code."""
    try:
        if _is_one_file():
            return _run(lab, node, command, stdin)
        with _errors(lab, node) as (fifo, way):
            words = ["bash", "-c", _WITH_ERRORS, "bash", fifo, *command]
            return _run(lab, node, words, stdin, way)
    except BrokenPipeError:
        # at its end Python flushes it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER


def _is_one_file() -> bool:
    """Check if standard output and standard error are the same file: then their order counts."""
    out, error = (os.fstat(stream.fileno()) for stream in (sys.stdout, sys.stderr))
    return os.path.samestat(out, error)


def _run(
    lab: "RunningLab",
    node: str,
    command: Sequence[str],
    stdin: bytes,
    way: "Future[Result] | None" = None,
) -> int:
    """Ctrl-C interrupts the command, which may still have its say; what else ends this process is
    what its exit code tells.

    :param way: hands its errors on.
    """
    running = _begin(lab, node, command, _into(sys.stdout.buffer), stdin)
    try:
        number = _ended(lab, running, way)
    finally:
        _stop(lab, running)
    if number and (number != signal.SIGINT or running.exception()):
        return 128 + number
    if _is_broken(way):
        raise LabError(_NO_WAY.format(node=node), "2>&1")
    return running.result().exit_code


@contextmanager
def _errors(lab: "RunningLab", node: str) -> "Iterator[tuple[str, Future[Result]]]":
    """A FIFO on the node, and what hands on to standard error what is written to it.

    :raises LabError: the node gives none.
    """
    fifo = f"/run/labkernel-errors-{secrets.token_hex(8)}"
    reader = _Reader(_into(sys.stderr.buffer))
    running = _begin(lab, node, ["bash", "-c", _HAND_ON, fifo], reader.take)
    try:
        _require(reader, running, node)
        yield fifo, running
        if signals.wait({running}, _LAST_ERRORS)[1]:
            end = ["bash", "-c", 'kill -- "-$0"; rm -f "$1"', reader.pid, fifo]
            lab.run(node, end, None, _TIDY)
    finally:
        _stop(lab, running)


def _require(reader: "_Reader", running: "Future[Result]", node: str) -> None:
    """Wait for the FIFO: what a node has in place of mkfifo may do anything, or nothing."""
    done, _ = signals.wait({reader.ready, running}, _FIFO)
    if not done or _is_broken(running):
        raise LabError(_NO_WAY.format(node=node), "2>&1")
    if running.done():
        running.result()  # raises what there is


def _is_broken(way: "Future[Result] | None") -> bool:
    """Check if the command that transfers standard error has failed."""
    return bool(way and way.done() and not way.exception() and not way.result().ok)


def _begin(
    lab: "RunningLab",
    node: str,
    command: Sequence[str],
    take: Callable[[bytes], None],
    stdin: bytes = b"",
) -> "Future[Result]":
    """Run a command in a thread that nobody has to wait for: when this process ends, the node ends
    the command."""
    running: Future[Result] = Future()

    def work() -> None:
        signals.leave_to_the_main_thread()
        try:
            running.set_result(lab.run(node, command, Octets(take), None, stdin=stdin))
        except BaseException as error:  # raised where it is waited for
            running.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return running


def _ended(lab: "RunningLab", running: "Future[Result]", way: "Future[Result] | None") -> int:
    """Wait for the end of what runs, which a signal that comes here stops, and each further one;
    gives the number of the last one that came, or 0.  Without a way for its errors it may wait for
    one."""
    number, again = 0, None
    pending = {running, way or running}
    while True:
        try:
            signals.go_on()
            done, pending = signals.wait(pending, again)
            if running in done:
                return number
            if not done or _is_broken(way):
                again = _AGAIN  # a stop may come before there is anything to stop
                lab.stop()
        except KeyboardInterrupt:
            number, again = signals.exit_code() - 128, _AGAIN
            lab.stop()


def _stop(lab: "RunningLab", running: "Future[Result]") -> None:
    """Stop the command, and wait for its end; signals don't interrupt that."""
    with signals.held():
        while not running.done():
            lab.stop()
            signals.wait({running}, _AGAIN)


class _Reader:
    """Takes the number of the process that hands the errors on, a line, and then the errors."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.ready: Future[None] = Future()
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
            self.ready.set_result(None)
        if data:
            self._write(data)


def _into(file: BinaryIO) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        while data:  # without a buffer (PYTHONUNBUFFERED) it may take less
            data = data[file.write(data) :]
        file.flush()

    return write
