"""Handles signals that end this process: Ctrl-C, SIGTERM, and SIGHUP of a closed terminal.

Before a command begins, and after its end, there is nothing to clean up: the process ends at once
(see __init__.py).  In between, the first signal is raised as KeyboardInterrupt, and the command
cleans up; further signals are ignored during that, which takes a limited time.  The exit code is
128 plus the signal's number, as in a shell.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

#: seconds for which Python may not see a signal that came in the very moment in which it began to
#: wait for a lock: the signal interrupts nothing then, and is seen when the wait has ended
_UNSEEN = 0.5

#: each system has its own
_NUMBERS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
]


class _Received:
    """The received signals.

    :ivar number: the number of the first one; 0 if none was received.
    :ivar holding: the nesting depth of :func:`held`.
    """

    number = 0
    holding = 0


@contextmanager
def raised() -> Iterator[None]:
    """Raise signals that would end the process as KeyboardInterrupt in the block."""
    before = {number: signal.getsignal(number) for number in _NUMBERS}
    hook, sys.unraisablehook = sys.unraisablehook, _raise_again
    _Received.number = 0
    try:
        for number, handler in before.items():
            if callable(handler) and threading.current_thread() is threading.main_thread():
                signal.signal(number, _hear)
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            if signal.getsignal(number) == _hear:
                signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Defer signals to the end of the block."""
    _Received.holding += 1
    try:
        yield
    finally:
        _Received.holding -= 1
        if _Received.number and not _Received.holding:
            raise KeyboardInterrupt


def go_on() -> None:
    """Forget a signal that was handled: the next one is raised again."""
    _Received.number = 0


def wait(
    pending: "Collection[Future[Any]]", within: float | None = None
) -> "tuple[set[Future[Any]], set[Future[Any]]]":
    """Wait for the end of one of them: those that have ended, and those that have not; a signal
    that comes at any moment is raised.

    :param within: seconds.
    """
    from concurrent import futures

    end = None if within is None else time.monotonic() + within
    while True:
        left = _UNSEEN if end is None else max(0.0, min(_UNSEEN, end - time.monotonic()))
        done, others = futures.wait(pending, left, futures.FIRST_COMPLETED)
        if done or (end is not None and time.monotonic() >= end):
            return done, others


def leave_to_the_main_thread() -> None:
    """In any other thread: not to be woken by them.  Python sees to a signal in the main thread
    alone, which goes on waiting for a lock when another thread was interrupted in its place.

    Processes that this thread starts don't hear them either, until they do as `processes.listen`.
    """
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, _NUMBERS)


def came() -> bool:
    """Check if a signal was received, even if another exception was raised since, like that of a
    write to a closed terminal."""
    return _Received.number != 0


def exit_code() -> int:
    """The exit code of an interrupted process."""
    return 128 + (_Received.number or signal.SIGINT)


def _hear(number: int, _frame: FrameType | None) -> None:
    if not _Received.number:
        _Received.number = signal.SIGINT if number == getattr(signal, "SIGBREAK", 0) else number
        if not _Received.holding:
            raise KeyboardInterrupt


def _raise_again(unraisable: "sys.UnraisableHookArgs") -> None:
    """Python drops what is raised while it lets go of an object: then it comes a moment later."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    number = _Received.number or signal.SIGINT
    _Received.number = 0
    threading.Timer(0.01, os.kill, (os.getpid(), number)).start()
