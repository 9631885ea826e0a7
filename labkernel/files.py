"""Safe reads of files from outside, and atomic writes.

A file is written under a temporary name and then renamed: a process that is killed, or has no space
left, leaves no partial file under the final name.
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
#: the content of the mark: a directory is never recognised by its name alone
_SAYS = b"labkernel writes a file here; garbage when nobody holds the lock of this one\n"
#: a disk with fewer free bytes is taken to be full
_FULL = 1 << 20
_FLAGS = ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK")


def open_regular(path: Path, *, follow: bool = True) -> IO[bytes]:
    """Open a regular file for reading, without a buffer; never blocks on a FIFO or a device.

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
    """Read a regular file.

    :param most: its maximum size, in bytes.
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
    """Verify the SHA-256 of an open file, and go back to its beginning.

    :raises ImageError: it differs.
    """
    seen = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    if seen != expected.lower():
        raise ImageError(
            f"the file is not the expected one: its SHA-256 is {seen}, and not {expected.lower()}",
            "ask the person who sent it",
        )


def write(path: Path, data: bytes) -> None:
    """Write a file atomically.

    :raises LabError: it can't be written; says which file.
    """
    try:
        with replacing(path) as part:
            part.write_bytes(data)
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path | str, error: OSError) -> LabError:
    """The error for a file that can't be written."""
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    remedy = "free some space, or write it elsewhere" if full else "another file"
    return LabError(f"{shown(path)} can't be written: {error.strerror or shown(error)}", remedy)


def require_space(path: Path, message: object) -> None:
    """Raise if a program failed because a disk is full.

    :param message: its error; not all programs name the reason.
    :raises OSError: the disk is full.
    """
    if os.strerror(errno.ENOSPC) in str(message) or shutil.disk_usage(path).free < _FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path to write to, renamed to this path if the block ends without an error.

    A device or a pipe (/dev/stdout) is written directly.

    :raises OSError: it can't be written.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    target = path.resolve()
    temporary = target.with_name(f"{_PREFIX}{os.urandom(8).hex()}{path.suffix}")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def room_beside(path: Path) -> Iterator[Path]:
    """A temporary directory beside a path, removed at the end.

    Directories that killed processes of ours left there are removed.

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
    """Mark a directory as ours; returns the descriptor that holds the mark's lock.

    The file is locked before it gets its name, so that no process sees it as abandoned.
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
    """Check if this is a mark of ours that no process has locked."""
    import fcntl  # which Windows lacks

    try:
        with open_regular(mark, follow=False) as file:
            ours = os.fstat(file.fileno()).st_uid == os.geteuid()
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            return ours and file.read() == _SAYS
    except OSError:
        return False
