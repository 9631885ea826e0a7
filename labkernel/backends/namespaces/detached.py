"""Detached mounts: made by real root, passed on as descriptors, and attached inside a lab, whose
own root could not make them; see open_tree(2), mount_setattr(2), fsmount(2).

Labs of real root have a user namespace, too, with ids of their own.  Files of an image layer belong
to ids outside: an id-mapped mount maps them to the ids inside.

Standard library alone: see supervisor.py.
"""

import os
import stat
import struct

from labkernel import linux

# the same numbers on every architecture that has them
_OPEN_TREE, _MOVE_MOUNT, _FSOPEN, _FSCONFIG, _FSMOUNT, _MOUNT_SETATTR = 428, 429, 430, 431, 432, 442
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_CLONE, _CLOEXEC = 1, 1  # OPEN_TREE_CLONE; FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
_FROM_DESCRIPTOR = 4  # MOVE_MOUNT_F_EMPTY_PATH
_SET_STRING, _CREATE = 1, 6  # FSCONFIG_…
_IDMAP = 0x100000  # MOUNT_ATTR_IDMAP
_ATTRIBUTES = struct.Struct("=QQQQ")  # set, cleared, propagation, user namespace

#: character devices that a lab uses, by their names below /dev, and their numbers
DEVICES = {
    "null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9),
    "tty": (5, 0), "net/tun": (10, 200), "fuse": (10, 229), "kvm": (10, 232),
}  # fmt: skip


def mapped(directory: str, user_namespace: int, *, read_only: bool = False) -> int:
    """Make an id-mapped mount of a directory: owners have the same numbers in a user namespace.

    :param user_namespace: a descriptor of it.
    :param read_only: whether the mount is read-only.
    :raises OSError: the file system can't be mapped (EINVAL), or the kernel is older than 5.12.
    """
    flags = _CLONE | os.O_CLOEXEC | _AT_RECURSIVE
    fd = linux.syscall("open_tree", _OPEN_TREE, _AT_FDCWD, os.fsencode(directory), flags)
    attributes = _ATTRIBUTES.pack(_IDMAP | read_only * linux.MS_RDONLY, 0, 0, user_namespace)
    try:
        linux.syscall(
            "mount_setattr", _MOUNT_SETATTR, fd, b"", _AT_EMPTY_PATH, attributes, len(attributes)
        )
    except OSError:
        os.close(fd)
        raise
    return fd


def devices() -> int:
    """A tmpfs with the device nodes that a lab uses, accessible to everybody inside."""
    context = linux.syscall("fsopen", _FSOPEN, b"tmpfs", _CLOEXEC)
    try:
        linux.syscall("fsconfig", _FSCONFIG, context, _SET_STRING, b"mode", b"755", 0)
        linux.syscall("fsconfig", _FSCONFIG, context, _CREATE, None, None, 0)
        fd = linux.syscall("fsmount", _FSMOUNT, context, _CLOEXEC, 0)
    finally:
        os.close(context)
    os.mkdir("net", 0o755, dir_fd=fd)
    for name, numbers in DEVICES.items():
        if os.path.exists(f"/dev/{name}"):
            os.mknod(name, stat.S_IFCHR | 0o666, os.makedev(*numbers), dir_fd=fd)
            os.chmod(name, 0o666, dir_fd=fd)  # whatever the umask
    return fd


def attach(mount: int, target: str) -> None:
    """Attach a detached mount to a directory of this mount namespace, and close its descriptor."""
    linux.syscall(
        f"mount on {target}",
        _MOVE_MOUNT, mount, b"", _AT_FDCWD, os.fsencode(target), _FROM_DESCRIPTOR,
    )  # fmt: skip
    os.close(mount)
