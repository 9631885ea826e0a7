"""Images as one file: an instructor builds once and hands it out; nobody needs a network.

The file is a tar, compressed as its name says (.tar, .tar.gz, .tar.zst), with each layer's
`image.json` and `root/`.  What is loaded must come from the recipes of this checkout, and be file
by file what the digest of the tree in its `image.json` says.  That tells a damaged file from a
whole one, not who made it: whose images one loads, one trusts, as one trusts whose programs one
runs; who has the SHA-256 of the file from them can have it checked.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from labkernel import files, user_namespace
from labkernel.errors import ImageError, last_line, shown
from labkernel.images import cache, incoming
from labkernel.images.image import Image, find
from labkernel.progress import OnProgress, ignore

_COMPRESSORS = {
    ".tar": [],
    ".gz": ["--gzip"],
    ".tgz": ["--gzip"],
    ".zst": ["--use-compress-program=zstd -T0"],
}
# Run by another user's Python: what it imports must be this very package.
_LOAD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from labkernel import images; "
    "images.load(sys.stdin.buffer)"
)


def export(
    names: str | Sequence[str], file: str | Path | IO[bytes], on_progress: OnProgress | None = None
) -> None:
    """Write images and their parents to a file; a layer that several stand on is in it once.

    :param names: one name, or several.
    :param file: a path that ends in .tar, .tar.gz or .tar.zst, or an open file (no compression).
    :raises ImageError: one is not built, or can't be written; nothing half-written stays.
    """
    exported = [find(name) for name in ([names] if isinstance(names, str) else names)]
    with ExitStack() as holding:
        for image in exported:
            holding.callback(cache.release, image.hold())
        metadata = f"{', '.join(image.name for image in exported)}: writing"
        (on_progress or ignore)(f"{metadata} {shown(getattr(file, 'name', file))}", None)
        if isinstance(file, str | Path):
            _export_to_path(exported, Path(file))
        else:
            _export(exported, file, [])


def _export_to_path(exported: Sequence[Image], path: Path) -> None:
    options = _compressor(path)
    try:
        with files.room_beside(path) as room:
            written = room / path.name
            try:
                with written.open("xb") as file:
                    _export(exported, file, options)
            except ImageError as error:
                files.require_space(room, error)
                raise
            written.replace(path)
    except OSError as error:
        refused = files.unwritable(path, error)
        raise ImageError(refused.what, refused.remedy) from None


def _compressor(path: Path) -> list[str]:
    if path.suffix not in _COMPRESSORS:
        raise ImageError(f"{path}: the name must end in .tar, .tar.gz or .tar.zst")
    if path.suffix == ".zst" and not shutil.which("zstd"):
        raise ImageError("zstd is not installed", "sudo apt-get install zstd, or a .tar.gz")
    return _COMPRESSORS[path.suffix]


def _export(exported: Sequence[Image], file: IO[bytes], options: Sequence[str]) -> None:
    layers = dict.fromkeys(location for image in exported for location in image.paths)
    members = [
        word
        for layer in layers
        for word in (
            f"--directory={layer.parent}",
            f"{layer.name}/image.json",
            f"{layer.name}/root",
        )
    ]
    _tar([*options, "--create", "--file=-", *members], cache.directory(), file)


def load(
    file: str | Path | IO[bytes], on_progress: OnProgress | None = None, sha256: str = ""
) -> list[str]:
    """Put the images of a file that :func:`export` wrote into the cache; gives their names.

    An image that is there already from another build is replaced; others that stand on it must
    then be built again.

    :param file: a path, or an open file (not compressed).
    :param sha256: what the SHA-256 of the file at that path must be, in hexadecimal; it is looked
        at before anything is unpacked.
    :raises ImageError: it is damaged, made from other recipes, or what it would replace is in use;
        nothing has changed then.
    """
    tell = on_progress or ignore
    with _opened(file) as opened, ExitStack() as stack:
        if sha256:
            files.require_sha256(opened, sha256)
        stack.enter_context(cache.locked(lambda: tell("waiting for a build to end", None)))
        tell(f"reading {shown(getattr(file, 'name', file))}", None)
        location = cache.unfinished() / "load"
        location.mkdir()
        found = incoming.verified(location, incoming.unpack(opened, location))
        changed = [(image, layer) for image, layer in found if _differs(image, layer)]
        for image, _ in changed:
            cache.require_unused(image.path)
        for _, layer in changed:
            cache.put(layer)
    return [image.name for image, _ in found]


@contextmanager
def _opened(file: str | Path | IO[bytes]) -> Iterator[IO[bytes]]:
    if not isinstance(file, str | Path):
        yield file
        return
    try:
        opened = files.open_regular(Path(file))
    except FileNotFoundError:
        raise ImageError(f"there is no file {shown(file)}") from None
    except OSError as error:
        raise ImageError(f"{shown(file)} can't be read: {error.strerror}") from None
    with opened:
        yield opened


def _differs(image: Image, layer: Path) -> bool:
    return cache.build_at(image.path) != cache.build_at(layer)


def copy_to(name: str, runner: Sequence[str], python: str = sys.executable) -> None:
    """Give a built image and its parents to another user of this machine.

    The files' owners become that user's ids, since they are unpacked in a namespace of theirs.

    :param runner: words that run a command, which follows them, as that user with that user's
        home, e.g. ``["sudo", "-H", "-u", "student"]``.
    :param python: a Python that they can run.
    :raises ImageError: it is not built, or that user could not load it.
    """
    package = str(Path(__file__).resolve().parents[2])
    loading = subprocess.Popen(
        [*runner, python, "-B", "-c", _LOAD, package],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
    )
    assert loading.stdin is not None
    failed: ImageError | None = None
    try:
        export(name, loading.stdin)
    except ImageError as error:
        failed = error
    finally:
        message = loading.communicate()[1]
    if loading.returncode != 0:  # then the export may have failed for that alone
        said_last = last_line(message.decode(errors="replace"))
        raise ImageError(f'image "{name}" was not copied: {said_last}') from failed
    if failed:
        raise failed


def _tar(arguments: Sequence[str], directory: Path, stdout: IO[bytes]) -> None:
    """Run tar as root of a namespace, in a directory."""
    ended = subprocess.run(
        user_namespace.command([*incoming.TAR, *arguments]),
        cwd=directory,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )
    if ended.returncode != 0:
        message = ended.stderr.decode(errors="replace").splitlines()
        why = next((line for line in message if line.strip()), "tar printed nothing")
        raise ImageError(f"the archive can't be written: {why}")
