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

from labkernel import resources
from labkernel.errors import ImageError, shown

#: changes when the same recipe would now give another layer
FORMAT = 4
#: those that come with labkernel
SHIPPED = resources.directory("images")
#: names directories of further recipes
VARIABLE = "LABKERNEL_IMAGES"

#: the program of a recipe; it may be a link to another's, as a wheel has no links
_SETUP = "setup"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]+\Z")  # Debian Policy, 5.6.7
_PROCESSOR = re.compile(r"[a-z0-9_]+\Z")  # as `uname -m` prints it
_COMPONENTS = ("contrib", "non-free", "non-free-firmware")  # Debian Policy, 2.2; beside main
_KEYS: dict[str, type] = {
    "description": str,
    "parent": str,
    "suite": str,
    "components": list,
    "packages": list,
    "processors": list,
    "disk_mb": int,
}


@dataclass(frozen=True)
class Recipe:
    """The recipe of an image.

    :param name: the name of its directory.
    :param directory: the directory with `image.toml`, `files/` and `setup`.
    :param description: a sentence for people.
    :param parent: the image below this layer; empty for a base image.
    :param suite: the Debian suite of its packages; empty: the parent's.
    :param components: components of the suite, besides main.
    :param packages: packages to install, without recommended ones.
    :param processors: the supported processors, as `uname -m` prints them; empty: all.
    :param disk_mb: the peak use of disk by its build, in MB.
    """

    name: str
    directory: Path
    description: str
    parent: str = ""
    suite: str = ""
    components: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    processors: tuple[str, ...] = ()
    disk_mb: int = 500

    def digest(self, parent: str) -> str:
        """A text that changes with anything that the layer is made from.

        :param parent: the parent's digest, or an empty text.
        """
        found = hashlib.sha256(f"{FORMAT} {platform.machine()} {parent}\n".encode())
        for path in _contents(self.directory):
            name = path.relative_to(self.directory)
            kind = _kind(path, self.directory)
            found.update(f"{name}\0{kind}\0{_content_digest(path, kind)}\n".encode())
        return found.hexdigest()[:16]


def _contents(directory: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in sorted([*files, *links]))


def _kind(path: Path, recipe: Path) -> str:
    if path.is_symlink() and path != recipe / _SETUP:
        return "link"
    return "program" if os.access(path, os.X_OK) else "file"


def _content_digest(path: Path, kind: str) -> str:
    content = os.fsencode(path.readlink()) if kind == "link" else path.read_bytes()
    return hashlib.sha256(content).hexdigest()


def directories() -> list[Path]:
    """The directories of recipes: labkernel's, and the user's own in LABKERNEL_IMAGES, which is
    separated like PATH."""
    return [SHIPPED, *resources.listed(VARIABLE)]


def names() -> list[str]:
    """The names of all recipes, sorted."""
    return sorted(_directories())


def _directories() -> dict[str, Path]:
    """The directory of each recipe, by name: what labkernel has can't be replaced by others."""
    found = (path.parent for each in reversed(directories()) for path in each.glob("*/image.toml"))
    return {path.name: path for path in found}


def problems() -> list[str]:
    """The problems of the user's own directories and their recipes, a sentence each."""
    return [problem for each in directories()[1:] for problem in _problems_of(each)]


def _problems_of(location: Path) -> Iterator[str]:
    if not location.is_dir():
        yield f"{VARIABLE}: there is no directory {shown(location)}"
    for path in sorted(location.glob("*/image.toml")):
        if _directories()[path.parent.name] != path.parent:
            yield f"{shown(path.parent)} is not used: there is another image of that name"
            continue
        try:
            read(path.parent.name)
        except ImageError as error:
            yield str(error)


def read(name: str) -> Recipe:
    """The recipe of that name.

    :raises ImageError: there is none, or what is wrong in its image.toml.
    """
    locations = _directories()
    if name not in locations:
        known = ", ".join(sorted(locations)) or f"none in {', '.join(map(str, directories()))}"
        raise ImageError(f'there is no image "{shown(name)}"; images: {known}')
    path = locations[name] / "image.toml"
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        return _checked(name, path.parent, given)
    except (ValueError, OSError) as error:
        raise ImageError(f"{shown(path)}: {error}") from None


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
    processors = given.pop("processors", [])
    for processor in processors:
        if not isinstance(processor, str) or not _PROCESSOR.match(processor):
            raise ValueError(f"{processor!r} is not a processor's name, as uname -m prints it")
    return Recipe(
        name,
        where,
        components=tuple(components),
        packages=tuple(packages),
        processors=tuple(processors),
        **given,
    )
