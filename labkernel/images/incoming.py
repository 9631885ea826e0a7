"""Unpacks an archive of images, and looks at what has become of it before anybody uses it.

Programs do the work (gzip or zstd, and tar as root of a namespace); each byte and each member
between them passes :class:`labkernel.images.gate.Gate`.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from labkernel import user_namespace
from labkernel.errors import ImageError, shown
from labkernel.images import cache
from labkernel.images.builder import measure
from labkernel.images.gate import Gate
from labkernel.images.image import Image, find
from labkernel.images.members import Damaged, Passing, Refused, members

#: what a compressed file begins with
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
TAR = ("tar", "--numeric-owner", "--xattrs", "--xattrs-include=security.capability")


def unpack(file: IO[bytes], into: Path) -> int:
    """Unpack an archive into an empty directory; gives how many bytes it has when uncompressed.

    :param file: open at its beginning; if it can't seek, it must not be compressed.
    :raises ImageError: it is none that labkernel has written, or there is no room for it.
    """
    gate = Gate(into)
    with _uncompressed(file) as source, _tar(into) as tar:

        def take(piece: bytes) -> None:
            gate.take(piece)
            _write(tar, piece)

        passing = Passing(source, take)
        try:
            for member, content in members(passing):
                gate.look_at(member, content)
        except Damaged as why:
            raise ImageError(f"the archive can't be read: {why}") from None
        except Refused as why:
            raise ImageError(f"the archive {why}") from None
        passing.drain()
    return gate.count


def _write(pipe: IO[bytes], piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[pipe.write(left) :]


@contextlib.contextmanager
def _uncompressed(file: IO[bytes]) -> Iterator[IO[bytes]]:
    program = _program(file)
    if program is None:
        yield file
        return
    if not shutil.which(program):
        raise ImageError(f"{program} is not installed", f"sudo apt-get install {program}")
    with _running([program, "-dc"], stdin=file, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout


def _program(file: IO[bytes]) -> str | None:
    if not file.seekable():
        return None
    magic = file.read(4)
    file.seek(0)
    return next((tool for begin, tool in _MAGIC.items() if magic.startswith(begin)), None)


@contextlib.contextmanager
def _tar(into: Path) -> Iterator[IO[bytes]]:
    words = user_namespace.command([*TAR, "--extract", "--file=-"])
    with _running(words, cwd=into, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended, and says why
            yield process.stdin


@contextlib.contextmanager
def _running(
    words: Sequence[str],
    cwd: Path | None = None,
    stdin: IO[bytes] | int | None = None,
    stdout: IO[bytes] | int = subprocess.DEVNULL,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program while the block runs; it must end well, unless the block did not."""
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile() as message:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=message,
            bufsize=0,
            umask=0o022,  # of directories that are no members
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
            process.wait()
        if process.returncode != 0:
            message.seek(0)
            raise ImageError(f"the archive can't be read: {_complaint(message.read(), words)}")


def _complaint(message: bytes, words: Sequence[str]) -> str:
    """The first line of what a program has said."""
    lines = [line for line in message.decode(errors="replace").splitlines() if line.strip()]
    return shown(lines[0]) if lines else f"{words[0]} printed nothing"


def verified(incoming: Path, size: int) -> list[tuple[Image, Path]]:
    """The layers of an unpacked archive, parents first.

    :param size: the bytes that were unpacked.
    :raises ImageError: one is not what its image.json says, or made from another recipe.
    """
    found = [_verify(layer, size) for layer in sorted(incoming.iterdir())]
    if not found:
        raise ImageError("the archive has no image in it")
    return sorted(found, key=lambda each: len(each[0].parents))


def _verify(layer: Path, size: int) -> tuple[Image, Path]:
    build = cache.build_at(layer)
    if build is None or not _is_plain(layer):
        raise ImageError(f"the archive has no image in it, but {shown(layer.name)}")
    image = find(build.name)
    if layer.name != image.layer_name or build.digest != image.digest:
        raise ImageError(
            f'the archive\'s image "{build.name}" was made from another version of its '
            f"recipe ({build.digest}; here: {image.digest})",
            f"the checkout that it was made with, or labkernel image build {build.name}",
        )
    if measure(build.name, layer, size)[1] != build.tree:
        raise ImageError(f'the archive is damaged: image "{build.name}" is not what was exported')
    return image, layer


def _is_plain(layer: Path) -> bool:
    """Check if a layer has only its two parts, and no other user can change it."""
    written = (layer / "image.json").lstat()
    mine = all(
        each.st_uid == os.geteuid() and not each.st_mode & 0o022
        for each in (layer.lstat(), written)
    )
    return mine and written.st_nlink == 1 and {*os.listdir(layer)} == {"image.json", "root"}  # noqa: PTH208
