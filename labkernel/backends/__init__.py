"""The backends by name: those that come with labkernel, and those of other packages.

Another package registers a backend by an entry point of the group ``labkernel.backends``: its name,
and its class (``module:Class``).
"""

import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labkernel import plugins
from labkernel.backends import third_party
from labkernel.errors import BackendUnavailable, LabError, shown

if TYPE_CHECKING:
    from labkernel.backends.base import Backend
    from labkernel.needs import Need

#: not entry points: reading the metadata of all packages takes longer than a lab's start
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
    """The class of the backend with a name.

    :raises LabError: there is none, or its package is broken.
    :raises BackendUnavailable: this operating system does not support it.
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
    """Make a backend by its name.

    :raises LabError: there is none with this name.
    :raises BackendUnavailable: this operating system does not support it.
    """
    found = find(name)
    return found(**options) if name in REGISTRY else third_party.make(name, found, options)


def offering(needs: "Collection[Need]") -> list[str]:
    """The names of the backends that this operating system supports and that offer all needs."""
    found = []
    for name in names():
        with suppress(LabError):  # the error is reported when the backend is used by its name
            if find(name).offers >= set(needs):
                found.append(name)
    return found


def usual(needs: "Collection[Need]") -> str:
    """The default backend of a lab with these needs."""
    first = next(iter(REGISTRY))
    if first not in _LINUX_ALONE or sys.platform == "linux":
        if find(first).offers >= set(needs):  # no other backend is imported
            return first
    return next(iter(offering(needs)), first)


def running() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every running lab of this user: the backend's name, and its description of the lab."""
    for name in names():
        try:
            backend = make(name)
        except LabError:
            continue  # a backend that can't run here has no running labs
        own = name in REGISTRY
        for lab in backend.running() if own else third_party.running(backend):
            yield name, lab


def memory_of(name: str, running: Mapping[str, Any]) -> int:
    """The memory in bytes that a running lab uses, by its backend's name and its description; 0 if
    that is not known."""
    with suppress(LabError):
        return make(name).memory_of(running)
    return 0


def watched() -> list[str]:
    """The directories in which files are made and removed when labs start and end, of labkernel's
    own backends."""
    found = list[str]()
    for name in REGISTRY:
        with suppress(LabError):  # it can't run here
            found += make(name).watched()
    return found
