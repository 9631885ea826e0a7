"""The directories of the cache: this user's own, and what root has shared with this user."""

import os
import stat
from pathlib import Path

from labkernel import resources
from labkernel.errors import ImageError

#: below it, by the user's number, what is shared with that user
SHARED = Path("/run/labkernel/images")


def directory() -> Path:
    """The cache's directory, which may not exist yet."""
    return resources.cache() / "images"


def shared_directory() -> Path | None:
    """Another's images that root has shared with this user, see `labkernel image share`.

    They are taken from where nobody but root could have put them.
    """
    if not hasattr(os, "getuid"):
        return None
    path = SHARED / str(os.getuid())
    try:
        above = [each.lstat() for each in (SHARED.parent, SHARED)]
        mine = stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return None
    closed = all(each.st_uid == 0 and not each.st_mode & 0o022 for each in above)
    return path if mine and closed else None


def candidates(name: str) -> list[Path]:
    """The possible directories of a layer: in the user's own cache, then in the shared one."""
    found = [directory() / name]
    if shared := shared_directory():
        found.append(shared / name)
    return found


def made_directory() -> Path:
    """The cache's directory, closed to others: the setuid programs in it are this user's.

    :raises ImageError: it can't be made, or belongs to somebody else.
    """
    path = directory()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.stat().st_uid != os.geteuid():
            raise PermissionError("it belongs to another user")
        path.chmod(0o700)
    except OSError as error:
        raise ImageError(
            f"images can't be kept in {path}: {error.strerror or error}",
            "set XDG_CACHE_HOME to a directory of yours",
        ) from None
    return path
