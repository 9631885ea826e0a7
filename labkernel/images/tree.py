"""Prints the size in bytes and a digest of a directory tree, or what must not be in a layer.

``python -I -S tree.py DIRECTORY MOST``: run as root of a user namespace, since a layer has files
that its user may not read.  Imports the standard library alone.  The digest covers names, types,
modes, owners (as the namespace sees them), contents, link targets and file capabilities; not times.

What a build makes, and nothing else, may be there: directories, files, links, and overlayfs's
"removed" (character device 0:0).  MOST is how many bytes all files may have together: files with
holes could have more than anybody can read.
"""

import hashlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator

_CAPABILITY = "security.capability"
_IDS = 65536  # what a node has, see linux.py
_DEEPEST = 128  # directories in each other; a build makes 12
_SPECIAL = stat.S_ISUID | stat.S_ISGID
_KINDS = {stat.S_IFBLK: "a block device", stat.S_IFCHR: "a character device",
          stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}  # fmt: skip


class Refused(Exception):
    """Something must not be in a layer."""


def entries(root: bytes) -> Iterator[bytes]:
    """Every path below a directory, relative to it, in a fixed order."""
    for folder, folders, files in os.walk(root, onerror=_raise):
        if folder.count(b"/") - root.count(b"/") >= _DEEPEST and folders:
            raise Refused(f"it has more than {_DEEPEST} directories in each other")
        folders.sort()
        for name in sorted([*folders, *files]):
            yield os.path.relpath(os.path.join(folder, name), root)  # noqa: PTH118  bytes


def _raise(error: OSError) -> None:
    """Raise an error of os.walk: a directory that can't be read would be missing in the digest."""
    raise error


def check(root: bytes, most: int) -> None:
    """Refuse what no build makes; looks at no content."""
    top = os.lstat(root)
    if not stat.S_ISDIR(top.st_mode) or top.st_uid or top.st_gid or top.st_mode & 0o7022:
        raise Refused("its root is not a directory that belongs to root and to nobody else")
    links: Counter[tuple[int, int]] = Counter()
    size = 0
    for name in entries(root):
        status = os.lstat(os.path.join(root, name))  # noqa: PTH118  bytes
        if why := refusal(status):
            raise Refused(f"/{os.fsdecode(name)} {why}")
        if stat.S_ISREG(status.st_mode):
            links[status.st_ino, status.st_nlink] += 1
            size += status.st_size if links[status.st_ino, status.st_nlink] == 1 else 0
    if any(names != inside for (_, names), inside in links.items()):
        raise Refused("a file in it has names elsewhere, too")
    if size > most:
        raise Refused(f"its files have {size} bytes, and {most} were expected")


def refusal(status: os.stat_result) -> str:
    """Why a file must not be in a layer; empty if it may."""
    kind = stat.S_IFMT(status.st_mode)
    removed = kind == stat.S_IFCHR and status.st_rdev == 0
    if kind in _KINDS and not removed:
        return f"is {_KINDS[kind]}"
    if status.st_uid >= _IDS or status.st_gid >= _IDS:
        return "belongs to a user whom no node has"
    if kind == stat.S_IFREG and status.st_mode & _SPECIAL:
        return _why_not_privileged(status)
    return ""


def _why_not_privileged(status: os.stat_result) -> str:
    """Programs of Debian's packages that lend their owner's rights are root's or a system user's,
    and nobody else can change them."""
    if status.st_mode & 0o022:
        return "is setuid or setgid, and others than its owner can write it"
    if status.st_mode & stat.S_ISUID and not _is_of_the_system(status.st_uid):
        return f"is setuid for user {status.st_uid}, who is none of the system's"
    if status.st_mode & stat.S_ISGID and not _is_of_the_system(status.st_gid):
        return f"is setgid for group {status.st_gid}, which is none of the system's"
    return ""


def _is_of_the_system(number: int) -> bool:
    """See Debian Policy, 9.2.2."""
    return number < 1000 or 60000 <= number < 65000


def content(path: bytes, status: os.stat_result) -> str:
    """The digest of a file's content or a link's target, or a device's numbers (0:0 is overlayfs's
    whiteout)."""
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


def main(root: bytes, most: int) -> None:
    """Print one or the other."""
    try:
        check(root, most)
        print(*measure(root))
    except Refused as why:
        print("refused", ascii(str(why))[1:-1])


if __name__ == "__main__":
    main(os.fsencode(sys.argv[1]), int(sys.argv[2]))
