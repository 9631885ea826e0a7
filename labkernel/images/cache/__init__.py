"""Where built images are, who may change them, and who uses them.

::

    $XDG_CACHE_HOME/labkernel/images/
        lock                     held by whoever changes something here
        wanted                   held by all who wait for that (shared)
        unfinished/              what is being made or removed; garbage when nobody holds the lock
        <image>-<digest>/
            root/                the layer: a directory for overlayfs
            image.json           see metadata.py
        <image>.log              of the build that runs, or of the last one that failed

The lock is handed to every process of a build: it is free only when all of them are gone.  Who
uses an image holds a shared lock on its directory, see :func:`hold`.
"""

from labkernel.images.cache.commands import in_namespace
from labkernel.images.cache.directories import (
    SHARED,
    directory,
    made_directory,
    places,
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
    "directory",
    "hold",
    "in_namespace",
    "is_layer",
    "layers",
    "let_others_first",
    "locked",
    "made_directory",
    "name_of",
    "places",
    "put",
    "release",
    "require_unused",
    "shared_directory",
    "take_away",
    "unfinished",
    "wanted",
]
