"""Templates: VMs that have booted once and were saved, so that a node starts by a fast restore.

::

    $XDG_CACHE_HOME/labkernel/vms/
        lock                 held by a process that makes or removes templates
        unfinished/          work in progress; garbage when no process holds the lock
        <digest>/            of the image's builds, the machine's shape and QEMU's version
            ram, state       the machine's memory and devices
            disk.raw         the image; disk.qcow2: what booting has changed
            keys.json        the template's own keys: a lab's machine gets others
            template.json    sizes and SHA-256 of these

RAM is mapped privately by each machine: nothing is read before it is used, and machines share it.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from labkernel.errors import BackendError
from labkernel.images import cache
from labkernel.progress import OnProgress
from labkernel.vm.seed import Keys
from labkernel.vm.shape import Shape

#: the number of templates that are kept, the last used ones
KEPT = 8
_FILES = ("ram", "state", "disk.raw", "disk.qcow2", "keys.json")


@dataclass(frozen=True)
class Template:
    """An existing template.

    :param held: a descriptor that protects it from removal.
    """

    shape: Shape
    folder: Path
    held: int

    def keys(self) -> Keys:
        """The keys of a restored machine before it gets its identity."""
        return Keys.loads((self.folder / "keys.json").read_text(encoding="utf-8"))


def directory() -> Path:
    """The directory of templates."""
    return cache.directory().with_name("vms")


def ready(shape: Shape, on_progress: OnProgress) -> Template:
    """The template of a shape; it is made if there is none, or if it is damaged.

    :raises BackendError: it can't be made.
    """
    if found := _found(shape):
        return found
    directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(lambda: on_progress("waiting for another machine's first boot", None)):
        if found := _found(shape):
            return found
        _make(shape, on_progress)
        _forget_old(shape)
        if found := _found(shape):
            return found
    raise BackendError(f"the template of a VM in {directory()} was changed while it was made")


def _found(shape: Shape) -> Template | None:
    folder = directory() / shape.digest
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    fcntl.flock(held, fcntl.LOCK_SH)
    if _is_whole(folder):
        os.utime(folder)
        return Template(shape, folder, held)
    os.close(held)
    return None


def _is_whole(folder: Path) -> bool:
    """Check that no file was changed.  Every change updates the ctime, which can't be set: only a
    file with another ctime (a copy, or damaged) is read."""
    try:
        description = json.loads((folder / "template.json").read_text(encoding="utf-8"))
        for name in _FILES:
            status, known = (folder / name).stat(), description[name]
            if status.st_size != known["size"]:
                return False
            if status.st_ctime_ns != known["ctime"]:
                if _digest(folder / name) != known["sha256"]:
                    return False
                known["ctime"] = status.st_ctime_ns
                _write_description(folder, description)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return True


def _write_description(folder: Path, description: object) -> None:
    new = folder / f"template.json.{os.getpid()}"
    new.write_text(json.dumps(description, indent=1), encoding="utf-8")
    new.replace(folder / "template.json")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(shape: Shape, on_progress: OnProgress) -> None:
    from labkernel.backends.namespaces import boot

    unfinished = directory() / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        _require_room(shape)
        # the disk's own description names its backing file, so it is made where it will be used
        boot.make(shape, unfinished, on_progress)
        description = {}
        for name in _FILES:
            status = (unfinished / name).stat()
            description[name] = {
                "size": status.st_size,
                "ctime": status.st_ctime_ns,
                "sha256": _digest(unfinished / name),
            }
        _write_description(unfinished, description)
        target = directory() / shape.digest
        if target.exists():
            target.rename(unfinished / "damaged")
        for name in (*_FILES, "template.json"):
            target.mkdir(mode=0o700, exist_ok=True)
            (unfinished / name).replace(target / name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _require_room(shape: Shape) -> None:
    needed = shape.image.size() + (shape.memory << 20) + (64 << 20)
    free = shutil.disk_usage(directory()).free
    if free < needed:
        raise BackendError(
            f"{directory()} has {free >> 20} MiB left, and a VM's first boot takes "
            f"{needed >> 20} MiB",
            "labkernel image remove, or XDG_CACHE_HOME on a larger disk",
        )


def remove_all() -> None:
    """Remove all templates, and the directory, except those that a lab uses."""
    if not directory().is_dir():
        return
    with _locked(lambda: None):
        for path in [each for each in directory().iterdir() if each.is_dir()]:
            with _unused(path) as unused:
                if unused:
                    shutil.rmtree(path)
        (directory() / "lock").unlink()
    with contextlib.suppress(OSError):  # a lab uses one, or there are other files
        directory().rmdir()


def _forget_old(shape: Shape) -> None:
    """Remove the least recently used templates that no lab uses."""
    others = [path for path in directory().iterdir() if (path / "template.json").exists()]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[KEPT:]:
        with _unused(path) as unused:
            if unused and path.name != shape.digest:
                shutil.rmtree(path)


@contextlib.contextmanager
def _unused(path: Path) -> Iterator[bool]:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(fd)


@contextlib.contextmanager
def _locked(on_wait: Callable[[], None]) -> Iterator[None]:
    lock = os.open(directory() / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
