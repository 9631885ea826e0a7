"""Images as one file: an instructor builds once and hands it out; nobody needs a network.

The file is a tar, compressed as its name says (.tar, .tar.gz, .tar.zst), with each layer's
`image.json` and `root/`.  What is loaded must come from the recipes of this checkout, and be file
by file what the digest of the tree in its `image.json` says.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from labkernel import linux
from labkernel.errors import ImageError, last_line
from labkernel.images import cache
from labkernel.images.building import measure
from labkernel.images.cache import Build
from labkernel.images.image import Image, find
from labkernel.images.progress import OnProgress, ignore

_COMPRESSORS = {
    ".tar": [],
    ".gz": ["--gzip"],
    ".tgz": ["--gzip"],
    ".zst": ["--use-compress-program=zstd -T0"],
}
_TAR = ("tar", "--numeric-owner", "--xattrs", "--xattrs-include=security.capability")
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
        told = f"{', '.join(image.name for image in exported)}: writing"
        (on_progress or ignore)(f"{told} {getattr(file, 'name', file)}", None)
        if isinstance(file, str | Path):
            _export_to_path(exported, Path(file))
        else:
            _export(exported, file, [])


def _export_to_path(exported: Sequence[Image], path: Path) -> None:
    options = _compressor(path)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("xb") as file:
            try:
                _export(exported, file, options)
                part.replace(path)
            except BaseException:
                part.unlink()
                raise
    except OSError as error:
        raise ImageError(f"{part} can't be written: {error.strerror or error}") from None


def _compressor(path: Path) -> list[str]:
    if path.suffix not in _COMPRESSORS:
        raise ImageError(f"{path}: the name must end in .tar, .tar.gz or .tar.zst")
    if path.suffix == ".zst" and not shutil.which("zstd"):
        raise ImageError("zstd is not installed. Try: sudo apt-get install zstd, or a .tar.gz")
    return _COMPRESSORS[path.suffix]


def _export(exported: Sequence[Image], file: IO[bytes], options: Sequence[str]) -> None:
    layers = dict.fromkeys(each.place.name for image in exported for each in image.chain)
    members = [f"{layer}/{part}" for layer in layers for part in ("image.json", "root")]
    _tar([*options, "--create", "--file=-", *members], cache.directory(), stdout=file)


def load(file: str | Path | IO[bytes], on_progress: OnProgress | None = None) -> list[str]:
    """Put the images of a file that :func:`export` wrote into the cache; gives their names.

    An image that is there already from another build is replaced; others that stand on it must
    then be built again.

    :param file: a path, or an open file (not compressed).
    :raises ImageError: it is damaged, made from other recipes, or what it would replace is in use;
        nothing has changed then.
    """
    tell = on_progress or ignore
    with cache.locked(lambda: tell("waiting for a build to end", None)):
        tell(f"reading {getattr(file, 'name', file)}", None)
        incoming = cache.unfinished() / "load"
        incoming.mkdir()
        _unpack(file, incoming)
        return [_put(image, layer) for image, layer in _verified(incoming)]


def _unpack(file: str | Path | IO[bytes], into: Path) -> None:
    if not isinstance(file, str | Path):
        _tar(["--extract", "--file=-"], into, stdin=file)
    elif Path(file).is_file():
        _tar(["--extract", f"--file={Path(file).resolve()}"], into)
    else:
        raise ImageError(f"there is no file {file}")


def _verified(incoming: Path) -> list[tuple[Image, Path]]:
    """The layers of an unpacked archive, parents first."""
    found = [_verify(layer) for layer in sorted(incoming.iterdir())]
    if not found:
        raise ImageError("the archive has no image in it")
    return sorted(found, key=lambda each: len(each[0].parents))


def _verify(layer: Path) -> tuple[Image, Path]:
    build = Build.read(layer)
    if build is None:
        raise ImageError(f"the archive has no image in it, but {layer.name}")
    image = find(build.name)
    if layer.name != image.place.name or build.digest != image.digest:
        raise ImageError(
            f'the archive\'s image "{build.name}" was made from another version of its recipe '
            f"({build.digest}; here: {image.digest}). Try: the checkout that it was made with, or "
            f"labkernel image build {build.name}"
        )
    if measure(layer)[1] != build.tree:
        raise ImageError(f'the archive is damaged: image "{build.name}" is not what was exported')
    return image, layer


def _put(image: Image, layer: Path) -> str:
    here, new = Build.read(image.place), Build.read(layer)
    if here != new:
        cache.put(layer)
    return image.name


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
        said = loading.communicate()[1]
    if loading.returncode != 0:  # then the export may have failed for that alone
        said_last = last_line(said.decode(errors="replace"))
        raise ImageError(f'image "{name}" was not copied: {said_last}') from failed
    if failed:
        raise failed


def _tar(
    arguments: Sequence[str],
    directory: Path,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> None:
    """Run tar as root of a namespace, in a directory."""
    ended = subprocess.run(
        linux.namespace_command([*_TAR, *arguments]),
        cwd=directory,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").splitlines()
        why = next((line for line in said if line.strip()), "tar printed nothing")
        done = "read" if "--extract" in arguments else "written"
        raise ImageError(f"the archive can't be {done}: {why}")
