"""Makes a finished layer mean the same however it is mounted.

``python -I -S opaque.py LAYER LOWER``, as root of a user namespace; LOWER shows what the layer
stands on, its parents merged.  Imports the standard library alone.

Overlayfs marks a directory that hides those below as "opaque" in an extended attribute, whose name
depends on how it is mounted (user.overlay.… with `userxattr`, trusted.overlay.… without).  Removed
files (character device 0:0) are the same in both.  So each opaque directory gets one such device
for every name below that it hides, and loses its attributes.
"""

import os
import stat
import sys
from pathlib import Path

_PREFIX = "user.overlay."


def hide(layer: Path, lower: Path) -> None:
    """Mark as removed, in a directory of the layer, whatever only the one below it has."""
    if not _is_directory(lower):
        return
    for below in lower.iterdir():
        above = layer / below.name
        if not os.path.lexists(above):
            os.mknod(above, stat.S_IFCHR, os.makedev(0, 0))
        elif _is_directory(above):
            hide(above, below)


def settle(layer: Path, lower: Path) -> None:
    """Take every attribute of overlayfs from a layer, and do what "opaque" meant."""
    for folder, folders, files in os.walk(layer):
        for path in (Path(folder), *(Path(folder, name) for name in files)):
            marks = [name for name in os.listxattr(path, follow_symlinks=False) if _is_mark(name)]
            if f"{_PREFIX}opaque" in marks:
                hide(path, lower / path.relative_to(layer))
            for name in marks:
                os.removexattr(path, name, follow_symlinks=False)
        folders.sort()


def _is_mark(attribute: str) -> bool:
    return attribute.startswith(_PREFIX)


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


if __name__ == "__main__":
    settle(Path(sys.argv[1]), Path(sys.argv[2]))
