"""Where the OVA of an image comes from: made here, or loaded from a file that was made elsewhere.

Images are built on Linux alone.  Under macOS and Windows, and wherever the tools are missing,
``labkernel image load FILE.ova`` takes one that ``labkernel image export`` has written.
"""

import contextlib
import hashlib
import json
import re
import shutil
import sys
import tarfile
from pathlib import Path
from typing import IO

from labkernel import images, vm
from labkernel.backends.virtualbox import records
from labkernel.backends.virtualbox.imports import Ova
from labkernel.errors import ImageError

_LINE = re.compile(r"SHA256\(([^)]+)\)= ([0-9a-f]{64})$", re.MULTILINE)
_PREFIX = "labkernel-"
_PIECE = 1 << 20


def find(name: str) -> Ova:
    """The OVA of an image that nodes name.

    :raises ImageError: it can't be made here, and none was loaded.
    """
    bootable = vm.bootable(name)
    if can_make():
        return Ova(bootable, images.find(bootable).digest, _Maker(bootable))
    if loaded := _loaded(bootable):
        return loaded
    raise ImageError(
        f'there is no OVA of image "{bootable}" here, and this machine can\'t make one. Try, on a '
        f"Linux machine: labkernel image export {bootable} {bootable}.ova; and here: "
        f"labkernel image load {bootable}.ova"
    )


def can_make() -> bool:
    """Whether this machine can build images and make disks of them."""
    if sys.platform != "linux":
        return False
    from labkernel.vm import disk

    return not disk.missing_tools()


def is_made_here(name: str) -> bool:
    """Whether an image must be built here before its OVA is there."""
    ova = find(name)
    imported = records.place() / "bases" / ova.name / "base.json"
    return isinstance(ova.fetch, _Maker) and not imported.exists()


class _Maker:
    """Makes an image's OVA in a directory."""

    def __init__(self, image: str) -> None:
        self._image = image

    def __call__(self, folder: Path) -> Path:
        path = folder / "image.ova"
        vm.export(self._image, path)
        return path


def _loaded(image: str) -> Ova | None:
    place = records.place() / "ovas"
    try:
        told = json.loads((place / f"{image}.json").read_text(encoding="utf-8"))
        sha256 = str(told["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Ova(image, sha256[:16], lambda _: place / f"{image}.ova", sha256)


def _place() -> Path:
    path = records.directory() / "ovas"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def load(file: Path) -> str:
    """Take an OVA that ``labkernel image export`` has written; gives the image's name.

    :raises ImageError: it is none, or it is damaged.
    """
    image, place = _checked(file), _place()
    new = place / f"{image}.new"
    try:
        shutil.copyfile(file, new)
        with new.open("rb") as opened:
            sha256 = _digest(opened)
        told = place / f"{image}.json"
        told.unlink(missing_ok=True)
        new.replace(place / f"{image}.ova")
        told.write_text(json.dumps({"sha256": sha256}), encoding="utf-8")
    except OSError as error:
        raise ImageError(f"{file} can't be copied to {place}: {error.strerror}") from None
    finally:
        new.unlink(missing_ok=True)
    return image


def _checked(file: Path) -> str:
    """The image's name, once every file in the OVA is what its manifest says."""
    try:
        with tarfile.open(file) as archive:
            names = archive.getnames()
            image = _image_of(file, names)
            manifest = _read(archive, f"{_PREFIX}{image}.mf").read().decode("ascii", "replace")
            stated = dict(_LINE.findall(manifest))
            for name in (f"{_PREFIX}{image}.ovf", f"{_PREFIX}{image}.vmdk"):
                seen = _digest(_read(archive, name))
                if stated.get(name) != seen:
                    raise ImageError(f"{file} is damaged: {name} is not what its manifest says")
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise ImageError(f"{file} is damaged, or no OVA: {error}") from None
    except OSError as error:
        raise ImageError(f"{file} can't be read: {error.strerror or error}") from None
    return image


def _digest(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := file.read(_PIECE):
        found.update(piece)
    return found.hexdigest()


def _read(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _image_of(file: Path, names: list[str]) -> str:
    with contextlib.suppress(IndexError):
        first = names[0]
        if first.startswith(_PREFIX) and first.endswith(".ovf"):
            return first.removeprefix(_PREFIX).removesuffix(".ovf")
    raise ImageError(f"{file} is no OVA that `labkernel image export` has written")
