"""Files: what may come from outside is read with care, what is ours is written whole or not at all.

A file that is being written is called otherwise until all of it is there: whoever is killed, or has
no space left, leaves nothing half-written under the name that was asked for.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from labkernel.errors import ImageError, LabError, shown

_PREFIX = ".labkernel-"
_MARK = "unfinished"
#: what the mark holds: a directory is never taken for ours by its name alone
_SAYS = b"labkernel writes a file here; garbage when nobody holds the lock of this one\n"
#: bytes free on a disk that had no room for a program's next block
_FULL = 1 << 20
_FLAGS = ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK")


def open_regular(path: Path, *, follow: bool = True) -> IO[bytes]:
    """Open a regular file for reading, without a buffer; a FIFO or a device is not waited for.

    :param follow: whether it may be a symbolic link.
    :raises OSError: it can't be opened, or is no regular file.
    """
    flags = os.O_RDONLY
    for name in (*_FLAGS, *(() if follow else ("O_NOFOLLOW",))):
        flags |= getattr(os, name, 0)  # Windows lacks most
    fd = os.open(path, flags)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return open(fd, "rb", buffering=0)  # noqa: PTH123  a descriptor
    os.close(fd)
    raise OSError(errno.EINVAL, "it is no regular file", str(path))


def read(path: Path, most: int, *, follow: bool = True) -> bytes:
    """What a regular file holds.

    :param most: bytes that it may have.
    :raises OSError: it can't be read, is no regular file, or has more.
    """
    with open_regular(path, follow=follow) as file, os.fdopen(os.dup(file.fileno()), "rb") as all_:
        data = all_.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most} bytes", str(path))
    return data


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_sha256(file: IO[bytes], expected: str) -> None:
    """Read an open file to its end, and go back to its beginning.

    :raises ImageError: its SHA-256 is another.
    """
    seen = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    if seen != expected.lower():
        raise ImageError(
            f"the file is not the one that was expected: its SHA-256 is {seen}, and "
            f"not {expected.lower()}",
            "ask whom it comes from",
        )


def write(path: Path, data: bytes) -> None:
    """Write a file, which replaces one that was there when all of it is written.

    :raises LabError: it can't be written; says which file.
    """
    try:
        with replacing(path) as part:
            part.write_bytes(data)
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path | str, error: OSError) -> LabError:
    """What to raise of a file that can't be written."""
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    remedy = "free some space, or write it elsewhere" if full else "another file"
    return LabError(f"{shown(path)} can't be written: {error.strerror or shown(error)}", remedy)


def require_space(path: Path, said: object) -> None:
    """Raise if a program failed since a disk is full.

    :param said: what is known of it; not all programs say so.
    :raises OSError: it is full.
    """
    if os.strerror(errno.ENOSPC) in str(said) or shutil.disk_usage(path).free < _FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of this one if the block ends well.

    Into a device or a pipe (/dev/stdout) it is written at once.

    :raises OSError: it can't be.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    target = path.resolve()
    part = target.with_name(f"{_PREFIX}{os.urandom(8).hex()}{path.suffix}")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def room_beside(path: Path) -> Iterator[Path]:
    """A directory beside a file that is to be made in it, and then renamed; it goes at the end.

    One that a killed process of ours has left there is removed.

    :raises OSError: it can't be made.
    """
    _remove_abandoned(path.parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=path.parent) as made:
        folder = Path(made)
        held = _mark(folder)
        try:
            yield folder
        finally:
            os.close(held)


def _mark(folder: Path) -> int:
    """Mark a directory as ours; gives the descriptor that holds the mark's lock.

    It has that lock before it has its name: nobody ever sees a mark that seems abandoned.
    """
    import fcntl  # which Windows lacks

    new = folder / "new"
    held = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    os.write(held, _SAYS)
    new.rename(folder / _MARK)
    return held


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        if not folder.is_symlink() and _is_abandoned(folder / _MARK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(mark: Path) -> bool:
    """Whether this is a mark of ours whose lock nobody holds."""
    import fcntl  # which Windows lacks

    try:
        with open_regular(mark, follow=False) as file:
            ours = os.fstat(file.fileno()).st_uid == os.geteuid()
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            return ours and file.read() == _SAYS
    except OSError:
        return False
