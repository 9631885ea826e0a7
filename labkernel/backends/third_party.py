"""Backends of other packages: what is wrong with one is told by its name, and hides no other."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labkernel import importing
from labkernel.errors import LabError, shown

if TYPE_CHECKING:
    from labkernel.backends.base import Backend

#: what is told of a lab that runs
_TOLD = frozenset({"instance", "lab", "nodes", "ended", "pid"})


@contextmanager
def _of(name: str) -> Iterator[None]:
    """What is raised in here is a fault of that backend's package."""
    try:
        yield
    except (LabError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise _broken(name, f"{type(error).__name__}: {error}") from error


def _broken(name: str, why: str) -> LabError:
    return LabError(
        f'the backend "{shown(name)}" can\'t be used: {shown(why)[:500]}',
        "another version of the package that it comes from, or remove that",
    )


def load(name: str, where: str) -> "type[Backend]":
    """Its class.

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
    """An object of it.

    :raises LabError: it can't be made.
    """
    with _of(name):
        return found(**options)


def running(backend: "Backend") -> list[dict[str, Any]]:
    """What it says of labs that run; nothing where it can't, which the doctor tells: labs of other
    backends are found all the same."""
    try:
        return [told for told in backend.running() if told.keys() >= _TOLD]
    except Exception:
        return []
