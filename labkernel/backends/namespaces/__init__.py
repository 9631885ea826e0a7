"""The namespaces backend: nodes are Linux namespaces on this machine, without root or VMs.

``backend.py`` is the Backend, ``supervisor.py`` holds a lab together, ``node.py`` runs inside a
node.  This file imports nothing, so that the supervisor starts fast.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkernel.backends.namespaces.backend import NamespacesBackend

__all__ = ["NamespacesBackend"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'labkernel.backends.namespaces' has no attribute {name!r}")
    from labkernel.backends.namespaces import backend

    return getattr(backend, name)
