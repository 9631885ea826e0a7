"""``labkernel``, the command line.

Next to nothing is imported here: who presses Ctrl-C while the rest is being imported sees no
traceback.
"""

# what signal is made of; that itself takes milliseconds to import
import _signal  # type: ignore[import-not-found]
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run a command; gives the exit code.

    :param arguments: the words after ``labkernel``; those of this process, whose signals are then
        heard, if None.
    """
    own = arguments is None
    if own:
        _have_streams()
        _have_signals(lambda number, _frame: os._exit(128 + number))
    from labkernel.cli import command

    code = command.run(arguments)
    if own:  # what was done is done, and the exit code tells it
        _have_signals(_signal.SIG_IGN)
    return code


def _have_streams() -> None:
    """Open /dev/null for standard streams that are closed: otherwise the next opened files would
    become them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        mode = "w" if number else "r"
        try:
            os.fstat(number)
        except OSError:
            nothing = os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
            os.set_inheritable(nothing, True)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115  until the end
            setattr(sys, f"__{name}__", getattr(sys, name))


def _have_signals(handler: "Callable[[int, object], object] | int") -> None:
    """Set the handler of signals that end this process.  A signal that is already ignored (by
    nohup, or in a background job) stays ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(_signal, name, None)  # each system has its own
        if number is not None and _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, handler)
