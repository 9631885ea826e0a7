"""Provides the OVA of an image: made here, or loaded from a file that was made elsewhere.

Images are built on Linux alone.  On macOS and Windows, and if the tools are missing,
``labkernel image load FILE.ova`` loads one that ``labkernel image export`` has written.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import IO

from labkernel import files, images, vm
from labkernel.backends.virtualbox import records
from labkernel.backends.virtualbox.imports import Ova
from labkernel.errors import ImageError, shown
from labkernel.images.members import Damaged, Refused

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


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
    """Check if this machine can build images and make disks of them."""
    if sys.platform != "linux":
        return False
    from labkernel.vm import disk

    return not disk.missing_packages()


def is_made_here(name: str) -> bool:
    """Check if an image must be built here for its OVA."""
    found = find(name)
    imported = records.base_directory() / "bases" / found.name / "base.json"
    return isinstance(found.fetch, _Maker) and not imported.exists()


class _Maker:
    """Makes an image's OVA in a directory."""

    def __init__(self, image: str) -> None:
        self._image = image

    def __call__(self, folder: Path) -> Path:
        path = folder / "image.ova"
        vm.export(self._image, path)
        return path


def _loaded(image: str) -> Ova | None:
    location = records.base_directory() / "ovas"
    try:
        data = json.loads(files.read(location / f"{image}.json", 4096, follow=False))
        sha256 = str(data["sha256"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    if not _SHA256.match(sha256):
        return None
    return Ova(image, sha256[:16], lambda _: location / f"{image}.ova", sha256)


def _location() -> Path:
    path = records.directory() / "ovas"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def load(file: Path, sha256: str = "") -> str:
    """Take an OVA that ``labkernel image export`` has written; gives the image's name.

    :param sha256: what the SHA-256 of the file must be, in hexadecimal.
    :raises ImageError: it is none, or it is damaged.
    """
    location = _location()
    try:
        with files.open_regular(file) as source, records.locked(location / "lock"):
            if sha256:
                files.require_sha256(source, sha256)
            return _take(source, location)
    except Damaged as why:
        raise ImageError(f"{shown(file)} is damaged, or no OVA: {why}") from None
    except Refused as why:
        raise ImageError(f"{shown(file)} {why}") from None
    except OSError as error:
        raise ImageError(f"{shown(file)} can't be copied to {location}: {error.strerror}") from None


def _take(source: IO[bytes], location: Path) -> str:
    """Copy an OVA, and look at what is copied; only for the lock's holder."""
    from labkernel.vm import ova

    new, digest = location / "unfinished", hashlib.sha256()
    try:
        with new.open("wb") as written:

            def keep(piece: bytes) -> None:
                digest.update(piece)
                written.write(piece)

            image = ova.image_of(source, keep)
        data = location / f"{image}.json"
        data.unlink(missing_ok=True)
        new.replace(location / f"{image}.ova")
        data.write_text(json.dumps({"sha256": digest.hexdigest()}), encoding="utf-8")
    finally:
        new.unlink(missing_ok=True)
    return image
