"""``%%node server``: free commands on a node of the lab that was shown last."""

import argparse
import queue
import shlex
import threading
from typing import Any

from labkernel.backends.base import Result
from labkernel.errors import LabError
from labkernel.lab import Lab
from labkernel.notebook import mode
from labkernel.notebook.display import display_bundle, without_frames
from labkernel.notebook.saved import NOT_RUN
from labkernel.notebook.session import session_of
from labkernel.plain import plain, plain_part
from labkernel.transcript import fixed, normalise, prompt, shorten

NOT_UP = "The lab does not run yet. Press Start, or Run on a step, and then run this cell."

_registered: set[int] = set()


def register() -> None:
    """Make the cell magic known to IPython, once."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is not None and id(shell) not in _registered:
        shell.register_magic_function(node, "cell", "node")
        _registered.add(id(shell))


def node(line: str, cell: str) -> None:
    """Run a cell's text on a node: ``%%node server`` or ``%%node --timeout 300 server``.

    :raises LabError: there is no such node, or no lab was shown yet.
    """
    from labkernel.notebook import current_lab

    try:
        name, timeout = _arguments(line)
        lab = current_lab()
        lab.topology.node(name)
        (_record if mode.current.headless else _stream)(lab, name, cell, timeout)
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


def _stream(lab: Lab, name: str, command: str, timeout: float) -> None:
    """Print as it comes; interrupting the cell interrupts the command.

    Run All is pressed before any step was done: it neither starts the lab nor fails there.
    """
    if not lab.is_up():
        display_bundle({"text/plain": NOT_UP, NOT_RUN: {}})
        return
    pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    run = _Run(lab, name, command, timeout, pieces)
    run.start()
    while run.is_alive() or not pieces.empty():
        try:
            piece = pieces.get()
        except KeyboardInterrupt:
            lab.stop()
            continue
        if piece is None:
            break
        print(plain_part(piece), end="", flush=True)
    print(_ending(run.result(), timeout), end="")


def _record(lab: Lab, name: str, command: str, timeout: float) -> None:
    """Put out the transcript."""
    run = _Run(lab, name, command, timeout)
    run.start()
    run.join()
    result = run.result()
    lines = shorten(plain(result.output).rstrip().splitlines())
    said = normalise("\n".join(lines), fixed(lab.topology, command))
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
        lab: Lab,
        name: str,
        command: str,
        timeout: float,
        pieces: "queue.SimpleQueue[str | None] | None" = None,
    ) -> None:
        super().__init__(name=f"%%node {name}", daemon=True)
        self._what = (lab, name, command, timeout)
        self._pieces = pieces
        self._result: Result | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Attach to the lab, or start it where nobody is there to do that; run the command."""
        lab, name, command, timeout = self._what
        try:
            lab.up()
            session_of(lab).notice()
            self._result = lab.run(
                name, command, self._pieces.put if self._pieces else None, timeout
            )
        except (Exception, SystemExit) as error:  # raised where the cell waits
            self._error = error
        finally:
            if self._pieces:
                self._pieces.put(None)

    def result(self) -> Result:
        """How it ended, once it has.

        :raises LabError: the node or the lab was lost, or could not be started.
        """
        self.join()
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result
