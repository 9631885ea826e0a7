"""The backends by name: those that come with labkernel, and those of other packages.

Another package's is an entry point of the group ``labkernel.backends``: its name, and where its
class is (``module:Class``).
"""

import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labkernel import plugins
from labkernel.backends import third_party
from labkernel.errors import BackendUnavailable, LabError, shown

if TYPE_CHECKING:
    from labkernel.backends.base import Backend
    from labkernel.needs import Need

#: not as entry points: looking through all packages for these takes longer than a lab's start
REGISTRY = {
    "namespaces": "labkernel.backends.namespaces.backend:NamespacesBackend",
    "virtualbox": "labkernel.backends.virtualbox.backend:VirtualBoxBackend",
}
_LINUX_ALONE = ("namespaces",)
_PLATFORMS = {"darwin": "macOS", "win32": "Windows"}


def names() -> list[str]:
    """The names of all backends, labkernel's own first."""
    return [
        *REGISTRY,
        *(name for name in plugins.registered(plugins.BACKENDS) if name not in REGISTRY),
    ]


def find(name: str) -> "type[Backend]":
    """The backend of that name.

    :raises LabError: there is none of that name, or its package is broken.
    :raises BackendUnavailable: it is made of what this system does not have.
    """
    where = REGISTRY.get(name) or plugins.registered(plugins.BACKENDS).get(name)
    if where is None:
        raise LabError(f'there is no backend "{shown(name)}"; backends: {", ".join(names())}')
    if name in _LINUX_ALONE and sys.platform != "linux":
        system = _PLATFORMS.get(sys.platform, sys.platform)
        raise BackendUnavailable(
            name,
            f"{system} has no namespaces",
            "a Linux machine; some labs run in VirtualBox as well: --backend virtualbox",
        )
    if name in REGISTRY:
        module, _, attribute = where.partition(":")
        found: type[Backend] = getattr(import_module(module), attribute)
        return found
    return third_party.load(name, where)


def make(name: str, **options: Any) -> "Backend":
    """A new backend of that name.

    :raises LabError: there is none of that name.
    :raises BackendUnavailable: it is made of what this system does not have.
    """
    found = find(name)
    return found(**options) if name in REGISTRY else third_party.make(name, found, options)


def offering(needs: "Collection[Need]") -> list[str]:
    """The names of the backends that this system can have, and that offer all that is asked for."""
    found = []
    for name in names():
        with suppress(LabError):  # it is told to whoever asks for it by name
            if find(name).offers >= set(needs):
                found.append(name)
    return found


def usual(needs: "Collection[Need]") -> str:
    """The backend that a lab with these needs runs on if nobody names one."""
    first = next(iter(REGISTRY))
    if first not in _LINUX_ALONE or sys.platform == "linux":
        if find(first).offers >= set(needs):  # nobody else is asked
            return first
    return next(iter(offering(needs)), first)


def running() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every running lab of this user: the backend's name, and what that says of the lab."""
    for name in names():
        try:
            backend = make(name)
        except LabError:
            continue  # what can't run here does not run here
        own = name in REGISTRY
        for told in backend.running() if own else third_party.running(backend):
            yield name, told
