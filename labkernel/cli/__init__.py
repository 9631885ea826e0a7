"""``labkernel``, the command line.

Next to nothing is imported here: who presses Ctrl-C while the rest is being imported sees no
traceback.
"""

# what signal is made of; that itself takes milliseconds to import
import _signal  # type: ignore[import-not-found]
import os

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
        _have_signals(lambda number, _frame: os._exit(128 + number))
    from labkernel.cli import command

    code = command.run(arguments)
    if own:  # what was done is done, and the exit code tells it
        _have_signals(_signal.SIG_IGN)
    return code


def _have_signals(handler: "Callable[[int, object], object] | int") -> None:
    """Have them end this process at once and without a word, or be ignored.  One that is ignored
    already (by nohup, or in a job in the background) stays so."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(_signal, name, None)  # each system has its own
        if number is not None and _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, handler)
