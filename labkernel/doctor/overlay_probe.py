"""Tries, as root of a namespace of its own, an overlay file system as a node has one.

``python -I -S overlay_probe.py DIRECTORY``, where DIRECTORY is on the file system of the images.
Exit code 0: as it must be; 4: a node can live with it; 1: it can't.  Prints what it found.  The
kernel removes everything with the mount namespace.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labkernel import linux

_STAGES = ("/run", "/mnt", "/media", "/srv", "/opt")


def probe(below: str) -> tuple[int, str]:
    """The exit code, and what was found."""
    # what is mounted on a stage hides what was there, but not from a descriptor
    layers = os.open(below, os.O_PATH)
    stage = next(path for path in map(Path, _STAGES) if path.is_dir())
    directory = stage / "root/directory"
    try:
        _mount_overlay(stage, f"/proc/self/fd/{layers}")
    except OSError as error:
        return 1, error.strerror or str(error)
    try:
        directory.rmdir()
        directory.mkdir()
    except OSError as error:
        # the upper file system keeps no "opaque" mark: tmpfs has user xattrs since Linux 6.6
        return 4, f"a directory of an image can't be removed and made again ({error.strerror})"
    return 0, "work"


def _mount_overlay(stage: Path, below: str) -> None:
    linux.mount("tmpfs", str(stage), "tmpfs", data="size=1m")
    for name in ("lower", "lower/directory", "upper", "work", "root"):
        (stage / name).mkdir()
    data = f"lowerdir={stage}/lower:{below},upperdir={stage}/upper,workdir={stage}/work,userxattr"
    linux.mount("overlay", f"{stage}/root", "overlay", data=data)


if __name__ == "__main__":
    code, found = probe(sys.argv[1])
    print(found)
    sys.exit(code)
