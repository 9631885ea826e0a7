"""The cache of built images: its directories, and the locks of its writers and users.

::

    $XDG_CACHE_HOME/labkernel/images/
        lock                     held by a process that changes the cache
        wanted                   held by all processes that wait for it (shared)
        unfinished/              work in progress; garbage when no process holds the lock
        <image>-<digest>/
            root/                the layer: a directory for overlayfs
            image.json           see metadata.py
        <image>.log              the log of the running build, or of the last one that failed

Every process of a build inherits the lock, which is free only when all of them have ended.  Users
of an image hold a shared lock on its directory, see :func:`hold`.
"""

from labkernel.images.cache.commands import in_namespace
from labkernel.images.cache.directories import (
    SHARED,
    candidates,
    directory,
    made_directory,
    shared_directory,
)
from labkernel.images.cache.layer import (
    build_at,
    hold,
    is_layer,
    layers,
    name_of,
    put,
    release,
    require_unused,
    take_away,
)
from labkernel.images.cache.lock import let_others_first, locked, unfinished, wanted

__all__ = [
    "SHARED",
    "build_at",
    "candidates",
    "directory",
    "hold",
    "in_namespace",
    "is_layer",
    "layers",
    "let_others_first",
    "locked",
    "made_directory",
    "name_of",
    "put",
    "release",
    "require_unused",
    "shared_directory",
    "take_away",
    "unfinished",
    "wanted",
]
