"""Nodes as Linux namespaces on this machine: no root, no VM, a lab in a blink.

``backend.py`` is the Backend, ``supervisor.py`` holds a lab together, ``node.py`` is a node from
the inside.  What the supervisor imports from this package is small, so nothing is imported here.
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
