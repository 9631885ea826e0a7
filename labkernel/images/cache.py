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

import contextlib
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from labkernel import resources, user_namespace
from labkernel.errors import ImageError, last_line
from labkernel.images.metadata import Build

#: below it, by the user's number, what is shared with that user
SHARED = Path("/run/labkernel/images")
_LAYER = re.compile(r"[a-z][a-z0-9-]*-[0-9a-f]{16}\Z")


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


def places(name: str) -> list[Path]:
    """Where a layer of that name may be: in the user's own cache, then in what is shared."""
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


@contextlib.contextmanager
def wanted() -> Iterator[None]:
    """Say that somebody waits for what is built: what is built in advance waits meanwhile."""
    with _flocked("wanted", shared=True):
        yield


def let_others_first() -> None:
    """Wait until nobody waits for anything that is built."""
    with _flocked("wanted", shared=False):
        return


@contextlib.contextmanager
def _flocked(name: str, *, shared: bool) -> Iterator[None]:
    import fcntl  # which Windows lacks

    fd = os.open(made_directory() / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@contextlib.contextmanager
def locked(on_wait: Callable[[], None]) -> Iterator[int]:
    """Hold the lock; gives its descriptor, for processes to inherit.

    What is unfinished is removed before (an interrupted build left it) and after.

    :param on_wait: called if another process has it, before waiting for that.
    """
    lock = _taken(on_wait)
    try:
        _remove_unfinished()
        try:
            yield lock
        except BaseException:
            with contextlib.suppress(ImageError):  # what is on its way says more
                _remove_unfinished()
            raise
        _remove_unfinished()
    finally:
        os.close(lock)


def _taken(on_wait: Callable[[], None]) -> int:
    """The lock, held: of the file that is there, which whoever had it may have removed."""
    import fcntl  # which Windows lacks

    while True:
        path = made_directory() / "lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        os.close(lock)


def unfinished() -> Path:
    """Where things are made before they are renamed into place; only for the lock's holder."""
    path = directory() / "unfinished"
    path.mkdir(exist_ok=True)
    return path


def _remove_unfinished() -> None:
    path = directory() / "unfinished"
    if not path.exists():
        return
    try:
        in_namespace(["rm", "-rf", "--one-file-system", "--", str(path)])
    except ImageError:  # no namespaces: then nothing there can belong to other ids
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            raise


def put(layer: Path) -> Path:
    """Rename a finished layer into place; one that was there goes; only for the lock's holder.

    :raises ImageError: the one that was there is in use.
    """
    place = directory() / layer.name
    if os.path.lexists(place):
        take_away(place)
    return layer.rename(place)


def take_away(place: Path) -> None:
    """Take a layer out of its place at once, to be removed; only for the lock's holder.

    :raises ImageError: it is in use.
    """
    with _unused(place):
        place.rename(unfinished() / f"{place.name}.removed")


def require_unused(place: Path) -> None:
    """Raise if a layer is there and in use.

    :raises ImageError: it is.
    """
    if os.path.lexists(place):
        with _unused(place):
            return


@contextlib.contextmanager
def _unused(place: Path) -> Iterator[None]:
    import fcntl  # which Windows lacks

    if not _is_directory(place):  # damaged: no lab can use it
        yield
        return
    fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ImageError(
            f"{place.name} is in use by a running lab", "labkernel status, labkernel down"
        ) from None
    finally:
        os.close(fd)


def hold(place: Path) -> int:
    """A descriptor that keeps a layer from being removed until it, and its copies, are closed.

    Of a shared layer somebody else may hold the lock, and for ever: nobody waits for that.

    :raises ImageError: the layer was removed meanwhile.
    """
    import fcntl  # which Windows lacks

    try:
        fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with contextlib.suppress(BlockingIOError):
            shared = SHARED in place.parents
            fcntl.flock(fd, fcntl.LOCK_SH | (fcntl.LOCK_NB if shared else 0))
        if os.path.samestat(os.fstat(fd), place.stat()):
            return fd
        os.close(fd)
    except FileNotFoundError:
        pass
    raise ImageError(f"{place.name} was removed meanwhile", "labkernel image build")


def release(held: Iterable[int]) -> None:
    """Close descriptors of :func:`hold`."""
    for fd in held:
        os.close(fd)


def build_at(place: Path) -> Build | None:
    """What was built in a place; None if there is nothing, or what is there is damaged."""
    if _is_directory(place) and _is_directory(place / "root"):
        return Build.read(place)
    return None


def _is_directory(path: Path) -> bool:
    """Whether it is one itself: a link leads out of the cache."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def layers() -> list[Path]:
    """Every layer in the cache, of whatever recipe or version of it; also one that is damaged."""
    return sorted(path for path in directory().glob("*") if is_layer(path.name))


def is_layer(name: str) -> bool:
    """Whether a layer may be called so."""
    return bool(_LAYER.match(name))


def name_of(layer: Path) -> str:
    """The name of the image that a layer is, or was, of."""
    return layer.name.rpartition("-")[0]


def in_namespace(words: list[str]) -> str:
    """What a command prints that runs as root of a namespace: the files belong to its ids.

    :raises ImageError: it failed; what it said last.
    """
    ended = subprocess.run(
        user_namespace.command(words),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ended.returncode != 0:
        said = (
            last_line(ended.stderr).removeprefix("labkernel: ") or f"exit code {ended.returncode}"
        )
        raise ImageError(f"`{words[0]}` failed on the images in {directory()}: {said}")
    return ended.stdout
