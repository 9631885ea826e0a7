"""The backends by name, and what to install for each."""

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labkernel.errors import BackendUnavailable, LabError

if TYPE_CHECKING:
    from labkernel.backends.base import Backend

REGISTRY = {
    "namespaces": "labkernel.backends.namespaces.backend:NamespacesBackend",
    "virtualbox": "labkernel.backends.virtualbox.backend:VirtualBoxBackend",
}
_LINUX_ALONE = ("namespaces",)
_PLATFORMS = {"darwin": "macOS", "win32": "Windows"}


def make(name: str, **options: Any) -> "Backend":
    """A new backend of that name.

    :raises LabError: there is none of that name.
    :raises BackendUnavailable: it is made of what this system does not have.
    """
    if name not in REGISTRY:
        raise LabError(f'there is no backend "{name}"; backends: {", ".join(REGISTRY)}')
    if name in _LINUX_ALONE and sys.platform != "linux":
        system = _PLATFORMS.get(sys.platform, sys.platform)
        raise BackendUnavailable(name, f"{system} has no namespaces", "--backend virtualbox")
    module, _, attribute = REGISTRY[name].partition(":")
    backend: Backend = getattr(import_module(module), attribute)(**options)
    return backend


def usual(names: Sequence[str]) -> str:
    """The first of these that this system can have; the first of all if it can have none."""
    here = [name for name in names if name not in _LINUX_ALONE or sys.platform == "linux"]
    return (here or names)[0]


def running() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every running lab of this user: the backend's name, and what that says of the lab."""
    for name in REGISTRY:
        try:
            found = make(name).running()
        except BackendUnavailable:
            continue  # what can't run here does not run here
        for told in found:
            yield name, told
