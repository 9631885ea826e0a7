"""Diagnoses that nodes can't use the layers of images: by their owner or their file system."""

import os
from collections.abc import Iterable
from pathlib import Path

from labkernel import linux, user_namespace
from labkernel.errors import BackendUnavailable

_GOOD = "XDG_CACHE_HOME on ext4, XFS or Btrfs (in a container: a volume)"
#: names of file systems in mountinfo, and their usual names
_CALLED = {"overlay": "overlayfs", "xfs": "XFS", "btrfs": "Btrfs"}


def require_mine(layers: Iterable[str]) -> None:
    """Require layers of this user: in nodes, other users' files would belong to nobody.

    :raises BackendUnavailable: layers belong to another user.
    """
    for path in layers:
        owner = os.stat(path).st_uid
        if owner != os.geteuid():
            directory, name = Path(path).parents[1], user_namespace.user_name(owner)
            raise BackendUnavailable(
                "namespaces",
                f"the images in {directory} belong to user {name}, and nodes can use their own "
                "user's alone",
                "XDG_CACHE_HOME in a directory of yours; root's images are shared by "
                f"`sudo labkernel image share {user_namespace.user_name(os.geteuid())}`",
            )


def require_mountable(failure: str, layers: Iterable[str]) -> None:
    """Diagnose an overlay that a node could not mount.

    :param failure: the message of the failed start.
    :raises BackendUnavailable: the file system of the layers is the cause.
    """
    if ": mount overlay on " not in failure:
        return
    directories = {str(Path(path).parents[1]): file_system(path) for path in layers}
    where = " and ".join(
        f"{directory} is on {kind}" for directory, kind in sorted(directories.items())
    )
    raise BackendUnavailable(
        "namespaces", f"the images' file system can't be a node's ({failure}; {where})", _GOOD
    )


def file_system(path: str) -> str:
    """The name of the file system of a path."""
    device = os.stat(path).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    kinds = {}
    for line in linux.setting("/proc/self/mountinfo").splitlines():
        mount, _, source = line.partition(" - ")
        words = mount.split()
        if words[2] == number or Path(path).is_relative_to(words[4]):
            # the mount with the device's number, or the longest prefix of the path
            kinds[words[2] == number, len(words[4])] = source.split()[0]
    kind = kinds[max(kinds)] if kinds else "an unknown file system"
    return _CALLED.get(kind, kind)
