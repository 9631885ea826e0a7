"""The metadata of a layer, image.json, which may come from outside: every field is validated."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from labkernel import files

#: bytes that it may have: of 400 packages it has 10,000
MOST = 1 << 20
_LARGEST = 1 << 50
_NAME = re.compile(r"[a-z][a-z0-9-]{0,80}\Z")
_DIGEST = re.compile(r"[0-9a-f]{16}\Z")
_HEXADECIMAL = re.compile(r"[0-9a-f]{0,128}\Z")


@dataclass(frozen=True)
class Build:
    """The metadata of a layer's build.

    :param build: an identifier of this build.
    :param parent_build: the identifier of its parent layer's build; empty if it has none.
    :param size: bytes on disk of this layer alone.
    :param tree: a digest of every file in it, see `tree.py`.
    :param packages: versions by package, of the whole root file system.
    """

    name: str
    digest: str
    build: str
    parent_build: str
    size: int
    tree: str
    packages: dict[str, str]

    @classmethod
    def read(cls, layer: Path) -> "Build | None":
        """Read the metadata of a layer; None if there is none, or it is damaged."""
        try:
            return cls.parse(files.read(layer / "image.json", MOST, follow=False))
        except OSError:
            return None

    @classmethod
    def parse(cls, text: bytes) -> "Build | None":
        """Parse an image.json; None if it is invalid."""
        if len(text) > MOST:
            return None
        try:
            found = cls(**json.loads(text.decode()))
        except (
            ValueError,
            TypeError,
            RecursionError,
        ):  # the last: brackets in brackets in brackets
            return None
        return found if found._is_sound() else None

    def _is_sound(self) -> bool:
        """Check that each field has the type and form that :meth:`write` writes."""
        return (
            _matches(_NAME, self.name)
            and _matches(_DIGEST, self.digest)
            and all(_matches(_HEXADECIMAL, each) for each in (self.build, self.parent_build))
            and _matches(_HEXADECIMAL, self.tree)
            and type(self.size) is int
            and 0 <= self.size <= _LARGEST
            and _are_versions(self.packages)
        )

    def write(self, layer: Path) -> None:
        """Write it beside a layer."""
        (layer / "image.json").write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def _matches(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and bool(pattern.match(text))


def _are_versions(packages: object) -> bool:
    return isinstance(packages, dict) and all(
        isinstance(each, str) and each.isprintable() for item in packages.items() for each in item
    )
