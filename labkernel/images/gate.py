"""Validates the members of a file that is loaded: only what `labkernel image export` writes.

Each member is checked before it is unpacked, and every piece that is read is counted.  The unpacked
files are checked again on the disk, see `incoming.py`.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from labkernel.errors import ImageError, shown
from labkernel.images import cache, metadata
from labkernel.images.members import Member, Refused
from labkernel.images.metadata import Build

_MB = 1_000_000
#: a file of one byte takes 2,048 in a tar with times (pax), and 4,096 on a disk
_OVERHEAD = 64 * _MB
#: what stays free on the disk, for the user's other programs
_SPARE = 32 * _MB
#: of one layer; the largest that a build makes has 6,000
_MOST_MEMBERS = 500_000
_DEEPEST = 130


class Gate:
    """Lets the members of an archive pass.

    :param folder: the directory that it is unpacked into.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stated: dict[str, int] = {}
        self._members: dict[str, int] = {}
        self.count = 0

    def take(self, piece: bytes) -> None:
        """Count a piece of the archive, before it is unpacked.

        :raises ImageError: there is more than there should be, or than there is room for.
        """
        self.count += len(piece)
        stated = sum(self._stated.values())
        if self._stated.keys() == self._members.keys() and self.count > 2 * stated + _OVERHEAD:
            raise ImageError(
                f"the archive has more in it than it states: its images take {stated // _MB} MB, "
                f"and {self.count // _MB} MB have come out of it, with no end"
            )
        self._require_room(0)

    def _require_room(self, needed: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < needed + _SPARE:
            raise ImageError(
                f"the archive needs more than {max(needed, self.count) // _MB} MB in "
                f"{cache.directory()}, and {free // _MB} MB are free",
                "free some, or set XDG_CACHE_HOME to a directory where there is more",
            )

    def look_at(self, member: Member, content: Callable[[], Iterator[bytes]]) -> None:
        """Look at a member; one that says what a layer is, is read.

        :raises Refused: it is none that labkernel writes.
        """
        layer, *inside = self._parts(member.name)
        if not cache.is_layer(layer):
            raise Refused(f"has no image in it, but {shown(member.name)}")
        self._members[layer] = self._members.get(layer, 0) + 1
        if self._members[layer] > _MOST_MEMBERS:
            raise Refused(f"has more than {_MOST_MEMBERS} files in {layer}")
        if inside == ["image.json"] and member.isreg() and member.size <= metadata.MOST:
            self._state(layer, b"".join(content()))
        elif inside in ([], ["root"]):
            if not member.isdir():
                raise Refused(f"has no directory {shown(member.name)}, but something else")
        elif len(inside) < 2 or inside[0] != "root":
            raise Refused(f"has more in it than images: {shown(member.name)}")
        else:
            _require_plain(member, layer)

    def _parts(self, name: str) -> list[str]:
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts or not parts:
            raise Refused(f"has a file that would lie elsewhere: {shown(name)}")
        if len(parts) > _DEEPEST:
            raise Refused(f"has more than {_DEEPEST} directories in each other")
        return parts

    def _state(self, layer: str, text: bytes) -> None:
        """Note what a layer is said to take."""
        build = Build.parse(text)
        if build is None or layer in self._stated:
            raise Refused(f"has an {layer}/image.json that does not describe an image")
        self._stated[layer] = build.size
        self._require_room(sum(self._stated.values()) - self.count)


def _require_plain(member: Member, layer: str) -> None:
    """A file of a layer is of a kind that builds make; links lead where they may when mounted."""
    removed = member.ischr() and (member.devmajor, member.devminor) == (0, 0)
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk() or removed):
        raise Refused(f"has a device or a FIFO, which no layer has: {shown(member.name)}")
    parts = [part for part in member.linkname.split("/") if part != "."]
    if member.islnk() and (parts[:2] != [layer, "root"] or ".." in parts):
        raise Refused(f"has a link {shown(member.name)} to {shown(member.linkname)}")
