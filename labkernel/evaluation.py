"""Asks what a lab's author has written, and tells a mistake of theirs as that.

What a check returns or raises decides whether somebody has passed: only a text that says what was
seen is a yes, and only a CheckFailed that says what was expected and seen is a no.  (A check that
ends the whole process, by ``os._exit``, can't be caught: whoever started the process sees its end.)
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

#: seconds in which every check has ended: those of the slowest labs by emulation take two minutes
LONGEST = 900.0


def evidence_of(check: "Check", attempt: "Attempt") -> str:
    """What a check saw.

    :raises CheckFailed: what it expected and saw instead.
    :raises AuthorError: it says neither.
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
    """What a function of the author's returned, if that is a text with something in it.

    :raises AuthorError: it is not.
    """
    if not isinstance(given, str) or not given.strip():
        raise AuthorError(what, f"it returned {reprlib.repr(given)}, and must return {wanted}")
    return given


@contextmanager
def authors(what: str) -> Iterator[None]:
    """What is raised in here, and none of our errors, is the author's mistake; SystemExit as well.

    :param what: what they have written, a noun.
    """
    try:
        yield
    except (LabError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise AuthorError(what, f"it raised {_told(error)}") from error


def name_of(function: object) -> str:
    """A function's name; of one that another has made, both: ``pings.checked``."""
    name = getattr(function, "__qualname__", None) or type(function).__name__
    return str(name).replace(".<locals>", "")


class _HangsError(BaseException):
    """Raised in a thread whose check does not end."""


@contextmanager
def _in_time(what: str) -> Iterator[None]:
    """What does not come to its end is interrupted, as it returns to Python.

    :raises AuthorError: it was.
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
        over.acquire(blocking=False)  # from here on it does not come
        timer.cancel()


def _says(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _told(error: BaseException) -> str:
    """The last line of its traceback: its kind and what it says."""
    return last_line("".join(traceback.format_exception_only(error))) or type(error).__name__
