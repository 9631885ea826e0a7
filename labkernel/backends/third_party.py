"""Loads backends of other packages; errors name the backend and do not affect other backends."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labkernel import importing
from labkernel.errors import LabError, shown

if TYPE_CHECKING:
    from labkernel.backends.base import Backend

#: the fields of the description of a running lab
_FIELDS = frozenset({"instance", "lab", "nodes", "ended", "pid"})


@contextmanager
def _of(name: str) -> Iterator[None]:
    """Turn exceptions into a LabError that names the backend."""
    try:
        yield
    except (LabError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise _broken(name, f"{type(error).__name__}: {error}") from error


def _broken(name: str, why: str) -> LabError:
    return LabError(
        f'the backend "{shown(name)}" can\'t be used: {shown(why)[:500]}',
        "another version of its package, or remove that",
    )


def load(name: str, where: str) -> "type[Backend]":
    """Import the class of a backend.

    :param where: ``module:Class``.
    :raises LabError: it can't be imported, or is no backend.
    """
    from labkernel.backends.base import Backend
    from labkernel.needs import Need

    module, _, attribute = where.partition(":")
    if why := importing.trial(module):
        raise _broken(name, f"{module}: {why}")
    with _of(name):
        found: Any = getattr(import_module(module), attribute)
        if not (isinstance(found, type) and issubclass(found, Backend)):
            raise _broken(name, f"{where} is no subclass of labkernel.backends.base.Backend")
        if inspect.isabstract(found):
            lacking = ", ".join(sorted(found.__abstractmethods__))
            raise _broken(name, f"{where} has no {lacking}")
        if not all(isinstance(each, Need) for each in found.offers):
            raise _broken(name, f"{where}.offers has something in it that is no Need")
        return found


def make(name: str, found: "type[Backend]", options: Mapping[str, Any]) -> "Backend":
    """Make a backend.

    :raises LabError: it can't be made.
    """
    with _of(name):
        return found(**options)


def running(backend: "Backend") -> list[dict[str, Any]]:
    """The running labs of a backend; empty if it fails, which `labkernel doctor` reports, so that
    the labs of other backends are still found."""
    try:
        return [lab for lab in backend.running() if lab.keys() >= _FIELDS]
    except Exception:
        return []
