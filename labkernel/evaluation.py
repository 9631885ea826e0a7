"""Calls functions that a lab's author wrote, and reports their mistakes as errors of the lab.

A check decides whether a trainee has passed: only a text that says what was seen counts as passed,
and only a CheckFailed that says what was expected and seen counts as failed.  (A check that ends
the whole process, by ``os._exit``, can't be caught: the parent process sees its end.)
"""

import ctypes
import reprlib
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labkernel.errors import AuthorError, CheckFailed, LabError, last_line

if TYPE_CHECKING:
    from labkernel.attempt import Attempt, Check

#: seconds that a check may take; those of the slowest labs take two minutes under emulation
LONGEST = 900.0


def evidence_of(check: "Check", attempt: "Attempt") -> str:
    """Run a check; returns what it saw.

    :raises CheckFailed: what it expected and saw instead.
    :raises AuthorError: it did neither.
    """
    what = f'the check "{name_of(check)}"'
    try:
        with authors(what), _in_time(what):
            seen: object = check(attempt)
    except CheckFailed as failure:
        if not _says(failure.expected.what) or not _says(failure.seen):
            why = "its CheckFailed does not say what it expected and what it saw"
            raise AuthorError(what, why) from failure
        raise
    return text_of(what, seen, "what it saw, a sentence")


def text_of(what: str, given: object, wanted: str) -> str:
    """The text that a function of the author's returned, which must not be empty.

    :raises AuthorError: it is not.
    """
    if not isinstance(given, str) or not given.strip():
        raise AuthorError(what, f"it returned {reprlib.repr(given)}, and must return {wanted}")
    return given


@contextmanager
def authors(what: str) -> Iterator[None]:
    """Turn exceptions of the author's code, SystemExit as well, into AuthorError; LabError passes.

    :param what: what the code is, a noun.
    """
    try:
        yield
    except (LabError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise AuthorError(what, f"it raised {_summary(error)}") from error


def name_of(function: object) -> str:
    """A function's name; for a nested one, with the outer function's: ``pings.checked``."""
    name = getattr(function, "__qualname__", None) or type(function).__name__
    return str(name).replace(".<locals>", "")


class _HangsError(BaseException):
    """Interrupts a check that does not end."""


@contextmanager
def _in_time(what: str) -> Iterator[None]:
    """Interrupt the block after :data:`LONGEST` seconds, as soon as it runs Python code.

    :raises AuthorError: it was interrupted.
    """
    here, over = threading.get_ident(), threading.Lock()

    def interrupt() -> None:
        if over.acquire(blocking=False):
            error = ctypes.py_object(_HangsError)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(here), error)

    timer = threading.Timer(LONGEST, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except _HangsError:
        raise AuthorError(what, f"it has not ended within {LONGEST:g} s") from None
    finally:
        over.acquire(blocking=False)  # from here on no interrupt comes
        timer.cancel()


def _says(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _summary(error: BaseException) -> str:
    """The last line of an exception's traceback: its type and message."""
    return last_line("".join(traceback.format_exception_only(error))) or type(error).__name__
