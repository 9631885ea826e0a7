"""A layer in the cache: what it is called, what was built, who uses it, into its place and out."""

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from labkernel.errors import ImageError
from labkernel.images.cache.directories import SHARED, directory
from labkernel.images.cache.lock import unfinished
from labkernel.images.metadata import Build

_LAYER = re.compile(r"[a-z][a-z0-9-]*-[0-9a-f]{16}\Z")


def build_at(location: Path) -> Build | None:
    """The build in a directory; None if there is none, or it is damaged."""
    if _is_directory(location) and _is_directory(location / "root"):
        return Build.read(location)
    return None


def _is_directory(path: Path) -> bool:
    """Check if a path is a directory, and not a symbolic link, which leads out of the cache."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def layers() -> list[Path]:
    """Every layer in the cache, of whatever recipe or version of it; also one that is damaged."""
    return sorted(path for path in directory().glob("*") if is_layer(path.name))


def is_layer(name: str) -> bool:
    """Check if a name is valid for a layer."""
    return bool(_LAYER.match(name))


def name_of(layer: Path) -> str:
    """The name of the image that a layer is, or was, of."""
    return layer.name.rpartition("-")[0]


def put(layer: Path) -> Path:
    """Rename a finished layer into place; one that was there goes; only for the lock's holder.

    :raises ImageError: the one that was there is in use.
    """
    location = directory() / layer.name
    if os.path.lexists(location):
        take_away(location)
    return layer.rename(location)


def take_away(location: Path) -> None:
    """Take a layer out of its place at once, to be removed; only for the lock's holder.

    :raises ImageError: it is in use.
    """
    with _unused(location):
        location.rename(unfinished() / f"{location.name}.removed")


def require_unused(location: Path) -> None:
    """Raise if a layer is there and in use.

    :raises ImageError: it is.
    """
    if os.path.lexists(location):
        with _unused(location):
            return


@contextlib.contextmanager
def _unused(location: Path) -> Iterator[None]:
    import fcntl  # which Windows lacks

    if not _is_directory(location):  # damaged: no lab can use it
        yield
        return
    fd = os.open(location, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ImageError(
            f"{location.name} is in use by a running lab", "labkernel status, labkernel down"
        ) from None
    finally:
        os.close(fd)


def hold(location: Path) -> int:
    """A descriptor that keeps a layer from being removed until it, and its copies, are closed.

    Of a shared layer somebody else may hold the lock, and for ever: nobody waits for that.

    :raises ImageError: the layer was removed meanwhile.
    """
    import fcntl  # which Windows lacks

    try:
        fd = os.open(location, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with contextlib.suppress(BlockingIOError):
            shared = SHARED in location.parents
            fcntl.flock(fd, fcntl.LOCK_SH | (fcntl.LOCK_NB if shared else 0))
        if os.path.samestat(os.fstat(fd), location.stat()):
            return fd
        os.close(fd)
    except FileNotFoundError:
        pass
    raise ImageError(f"{location.name} was removed meanwhile", "labkernel image build")


def release(held: Iterable[int]) -> None:
    """Close descriptors of :func:`hold`."""
    for fd in held:
        os.close(fd)
