"""``%%node server``: free commands on a node of the lab that was shown last."""

import argparse
import queue
import shlex
import threading
from typing import Any

from labkernel.command import Result
from labkernel.errors import LabError
from labkernel.notebook.current import notebook
from labkernel.notebook.display import display_bundle, without_frames
from labkernel.notebook.saved import NOT_RUN
from labkernel.notebook.session import Session
from labkernel.plain import PlainParts, plain
from labkernel.transcript import fixed, normalise, prompt, shorten

NOT_UP = "The lab does not run yet. Press Start, or Run on a step, and then run this cell."


def register() -> None:
    """Make the cell magic known to IPython, once."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is not None and shell.find_cell_magic("node") is not node:
        shell.register_magic_function(node, "cell", "node")


def node(line: str, cell: str) -> None:
    """Run a cell's text on a node: ``%%node server`` or ``%%node --timeout 300 server``.

    :raises LabError: there is no such node, or no lab was shown yet.
    """
    try:
        name, timeout = _arguments(line)
        session = notebook.current()
        session.running.topology.node(name)
        (_record if notebook.headless else _stream)(session, name, cell, timeout)
    except LabError as error:
        raise without_frames(error) from None


def _arguments(line: str) -> tuple[str, float]:
    parser = argparse.ArgumentParser(prog="%%node", add_help=False, exit_on_error=False)
    parser.add_argument("node")
    parser.add_argument("--timeout", type=float, default=60.0)
    try:
        given, more = parser.parse_known_args(shlex.split(line))
    except (argparse.ArgumentError, SystemExit, ValueError):
        more, given = ["?"], None
    if more or given is None:
        raise LabError(
            "write %%node NODE, or %%node --timeout SECONDS NODE, in the cell's first line"
        )
    return given.node, given.timeout


def _stream(session: Session, name: str, command: str, timeout: float) -> None:
    """Print as it comes; interrupting the cell interrupts the command.

    Run All is pressed before any step was done: it neither starts the lab nor fails there.
    """
    if not session.running.is_up():
        display_bundle({"text/plain": NOT_UP, NOT_RUN: {}})
        return
    pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    parts = PlainParts()
    run = _Run(session, name, command, timeout, pieces)
    run.start()
    while run.is_alive() or not pieces.empty():
        try:
            piece = pieces.get()
        except KeyboardInterrupt:
            session.running.stop()
            continue
        if piece is None:
            break
        print(parts.take(piece), end="", flush=True)
    print(_ending(run.result(), timeout), end="")


def _record(session: Session, name: str, command: str, timeout: float) -> None:
    """Put out the transcript."""
    run = _Run(session, name, command, timeout)
    run.start()
    run.join()
    result = run.result()
    lines = shorten(plain(result.output).rstrip().splitlines())
    said = normalise("\n".join(lines), fixed(session.running.topology, command))
    text = [*prompt(name, command), said, _ending(result, timeout).strip()]
    display_bundle({"text/plain": "\n".join(filter(None, text))})


def _ending(result: Result, timeout: float) -> str:
    if result.timed_out:
        return f"[stopped after {timeout:g} s]\n"
    return f"[exit code {result.exit_code}]\n" if result.exit_code else ""


class _Run(threading.Thread):
    """A command in a thread of its own, where no event loop runs."""

    def __init__(
        self,
        session: Session,
        name: str,
        command: str,
        timeout: float,
        pieces: "queue.SimpleQueue[str | None] | None" = None,
    ) -> None:
        super().__init__(name=f"%%node {name}", daemon=True)
        self._what = (session, name, command, timeout)
        self._pieces = pieces
        self._result: Result | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Attach to the lab, or start it where nobody is there to do that; run the command."""
        session, name, command, timeout = self._what
        try:
            session.running.up()
            session.notice()
            self._result = session.running.run(
                name, command, self._pieces.put if self._pieces else None, timeout
            )
        except (Exception, SystemExit) as error:  # raised where the cell waits
            self._error = error
        finally:
            if self._pieces:
                self._pieces.put(None)

    def result(self) -> Result:
        """Wait for the end; returns the result.

        :raises LabError: the node or the lab was lost, or could not be started.
        """
        self.join()
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result
