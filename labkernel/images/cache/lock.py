"""The lock of the cache, who waits for it, and the place for what its holder has not finished."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from labkernel.errors import ImageError
from labkernel.images.cache.commands import in_namespace
from labkernel.images.cache.directories import directory, made_directory


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
    """The directory for work in progress, renamed when finished; the caller holds the lock."""
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
