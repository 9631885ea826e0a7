"""The recipe of an image: `images/<name>/image.toml`, and beside it `files/` and `setup`."""

import hashlib
import os
import platform
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkernel.errors import ImageError

#: changes when the same recipe would now give another layer
FORMAT = 4

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]+\Z")  # Debian Policy, 5.6.7
_COMPONENTS = ("contrib", "non-free", "non-free-firmware")  # Debian Policy, 2.2; beside main
_KEYS: dict[str, type] = {
    "description": str,
    "parent": str,
    "suite": str,
    "components": list,
    "packages": list,
    "disk_mb": int,
}


@dataclass(frozen=True)
class Recipe:
    """What an image is made from.

    :param name: the name of its directory.
    :param directory: where `image.toml`, `files/` and `setup` are.
    :param description: a sentence for people.
    :param parent: the image that it is a layer on; empty for one that starts from nothing.
    :param suite: Debian's suite that its packages come from; empty: the parent's.
    :param components: of the suite, beside main.
    :param packages: what apt installs, without recommended packages.
    :param disk_mb: what its build takes on disk at its peak, in MB.
    """

    name: str
    directory: Path
    description: str
    parent: str = ""
    suite: str = ""
    components: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    disk_mb: int = 500

    def digest(self, parent: str) -> str:
        """A text that changes with anything that the layer is made from.

        :param parent: the parent's digest, or an empty text.
        """
        found = hashlib.sha256(f"{FORMAT} {platform.machine()} {parent}\n".encode())
        for path in _contents(self.directory):
            name = path.relative_to(self.directory)
            found.update(f"{name}\0{_kind(path)}\0{_content_digest(path)}\n".encode())
        return found.hexdigest()[:16]


def _contents(directory: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in sorted([*files, *links]))


def _kind(path: Path) -> str:
    if path.is_symlink():
        return "link"
    return "program" if os.access(path, os.X_OK) else "file"


def _content_digest(path: Path) -> str:
    content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    return hashlib.sha256(content).hexdigest()


def directory() -> Path:
    """Where the recipes are: `images/` of the checkout, or what LABKERNEL_IMAGES names.

    :raises ImageError: there is no such directory.
    """
    given = os.environ.get("LABKERNEL_IMAGES", "")
    found = Path(given) if given else Path(__file__).resolve().parents[2] / "images"
    if not found.is_dir():
        raise ImageError(
            f"there are no image recipes in {found}. "
            "Try: set LABKERNEL_IMAGES to the images directory of a labkernel checkout"
        )
    return found


def names() -> list[str]:
    """The names of all recipes, sorted."""
    return sorted(path.parent.name for path in directory().glob("*/image.toml"))


def read(name: str) -> Recipe:
    """The recipe of that name.

    :raises ImageError: there is none, or what is wrong in its image.toml.
    """
    if name not in names():
        raise ImageError(f'there is no image "{name}"; images: {", ".join(names()) or "none"}')
    path = directory() / name / "image.toml"
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        return _checked(name, path.parent, given)
    except (ValueError, OSError) as error:
        raise ImageError(f"{path}: {error}") from None


def _checked(name: str, where: Path, given: dict[str, Any]) -> Recipe:
    if not _NAME.match(name):
        raise ValueError("an image's name is a lower-case letter, then letters, digits and hyphens")
    for key, value in given.items():
        if key not in _KEYS:
            raise ValueError(f'unknown key "{key}"; keys: {", ".join(_KEYS)}')
        if type(value) is not _KEYS[key]:
            raise ValueError(f'"{key}" must be of type {_KEYS[key].__name__}, not {value!r}')
    if not given.get("description"):
        raise ValueError('"description" is missing: a sentence that says what the image is for')
    if not given.get("parent") and not given.get("suite"):
        raise ValueError('give a "parent" (an image), or a "suite" (of Debian, as in "trixie")')
    packages = given.pop("packages", [])
    for package in packages:
        if not isinstance(package, str) or not _PACKAGE.match(package):
            raise ValueError(f"{package!r} is not the name of a Debian package")
    components = given.pop("components", [])
    for component in components:
        if component not in _COMPONENTS:
            raise ValueError(f"{component!r} is not one of Debian's {', '.join(_COMPONENTS)}")
    return Recipe(name, where, components=tuple(components), packages=tuple(packages), **given)
