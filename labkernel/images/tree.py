"""Prints the size in bytes and a digest of a directory tree.

``python -I -S tree.py DIRECTORY``: run as root of a user namespace, since a layer has files that
its user may not read.  Imports the standard library alone.  The digest covers names, types, modes,
owners (as the namespace sees them), contents, link targets and file capabilities; not times.
"""

import hashlib
import os
import stat
import sys
from collections.abc import Iterator

_CAPABILITY = "security.capability"


def entries(root: bytes) -> Iterator[bytes]:
    """Every path below a directory, relative to it, in a fixed order."""
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*folders, *files]):
            yield os.path.relpath(os.path.join(folder, name), root)  # noqa: PTH118  bytes


def content(path: bytes, status: os.stat_result) -> str:
    """What a file holds, a link points to, or a device is (0:0 is overlayfs's "removed")."""
    if stat.S_ISLNK(status.st_mode):
        return hashlib.sha256(os.readlink(path)).hexdigest()  # noqa: PTH115  bytes
    if stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:  # noqa: PTH123  bytes
            return hashlib.file_digest(file, "sha256").hexdigest()
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        return str(status.st_rdev)
    return ""


def capability(path: bytes) -> str:
    """See capabilities(7), file capabilities; in hexadecimal."""
    if _CAPABILITY not in os.listxattr(path, follow_symlinks=False):
        return ""
    return os.getxattr(path, _CAPABILITY, follow_symlinks=False).hex()


def measure(root: bytes) -> tuple[int, str]:
    """The bytes on disk and the digest of a tree."""
    size, digest = 0, hashlib.sha256()
    for name in entries(root):
        path = os.path.join(root, name)  # noqa: PTH118  bytes
        status = os.lstat(path)
        size += status.st_blocks * 512 // (status.st_nlink if stat.S_ISREG(status.st_mode) else 1)
        owner = f"{status.st_mode:o} {status.st_uid} {status.st_gid}"
        line = f"{owner} {content(path, status)} {capability(path)}\n"
        digest.update(name + b"\0" + line.encode())
    return size, digest.hexdigest()


if __name__ == "__main__":
    print(*measure(os.fsencode(sys.argv[1])))
