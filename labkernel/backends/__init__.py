"""The backends by name, and what to install for each."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from labkernel.errors import LabError

if TYPE_CHECKING:
    from labkernel.backends.base import Backend

REGISTRY = {
    "namespaces": "labkernel.backends.namespaces.backend:NamespacesBackend",
}


def make(name: str, **options: Any) -> "Backend":
    """A new backend of that name.

    :raises LabError: there is none of that name.
    """
    if name not in REGISTRY:
        raise LabError(f'there is no backend "{name}"; backends: {", ".join(REGISTRY)}')
    module, _, attribute = REGISTRY[name].partition(":")
    backend: Backend = getattr(import_module(module), attribute)(**options)
    return backend
