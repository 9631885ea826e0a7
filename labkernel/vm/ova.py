"""Reads an OVA that somebody else may have made, and tells whether labkernel may have written it.

It has three files: description, manifest and disk, in this order (DSP0243, section 5.3).  The
description must be to the letter what labkernel writes, since hypervisors do what it says: another
could share the user's directories with the machine, or have it write to their files.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import IO

from labkernel import images
from labkernel.errors import ImageError, shown
from labkernel.images.members import Member, Passing, Refused, members

PREFIX = "labkernel-"
_LINE = re.compile(r"SHA256\(([^)]+)\)= ([0-9a-f]{64})$", re.MULTILINE)
_CAPACITY = re.compile(rb'ovf:capacity="(\d{1,18})"')
#: bytes of description and manifest; ours have 3,000 and 200
_MOST_TEXT = 1 << 18
_NONE = "is no OVA that `labkernel image export` has written"


def image_of(source: IO[bytes], pass_on: Callable[[bytes], object]) -> str:
    """The name of the image in an OVA, once every file in it is what its manifest says.

    :param pass_on: gets each piece of the OVA as it is read, to its end.
    :raises Refused: it is none of ours, or damaged.
    """
    passing, seen = Passing(source, pass_on), _Seen()
    for member, content in members(passing):
        seen.add(member, content())
    passing.drain()
    return seen.image()


class _Seen:
    """The parts of an OVA that were read so far."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._image = ""
        self._texts: list[bytes] = []
        self._digests: dict[str, str] = {}
        self._disk = 0

    def add(self, member: Member, content: Iterator[bytes]) -> None:
        """Take a member, if it is the next that there must be."""
        if not self._names:
            self._image = _named(member.name)
            self._names = [f"{PREFIX}{self._image}.{kind}" for kind in ("ovf", "mf", "vmdk")]
        index = len(self._digests)
        if index == 3 or member.name != self._names[index] or not member.isreg():
            raise Refused(f"has a file too much: {shown(member.name)}")
        is_disk = index == 2
        if not is_disk and member.size > _MOST_TEXT:
            raise Refused(f"has a {member.name} of {member.size} bytes")
        found = hashlib.sha256()
        for piece in content:
            found.update(piece)
            if not is_disk:
                self._texts[index:] = [b"".join([*self._texts[index:], piece])]
        self._digests[member.name] = found.hexdigest()
        self._disk = member.size

    def image(self) -> str:
        """The image's name, now that there is no more to come."""
        if len(self._digests) < 3:
            raise Refused("is damaged: files are missing in it" if self._names else _NONE)
        description, manifest = self._texts
        stated = dict(_LINE.findall(manifest.decode("ascii", "replace")))
        for name in (self._names[0], self._names[2]):
            if stated.get(name) != self._digests[name]:
                raise Refused(f"is damaged: {name} is not what its manifest says")
        self._require_our_description(description)
        return self._image

    def _require_our_description(self, text: bytes) -> None:
        from labkernel.vm import ovf

        capacity = _CAPACITY.search(text)
        name = f"{PREFIX}{self._image}"
        machine = ovf.Machine(name, self._names[2], self._disk, int(capacity[1]) if capacity else 0)
        if text != ovf.describe(machine).encode():
            raise Refused(
                "describes another machine than this labkernel does",
                "the labkernel that it was made with, or, on a Linux machine: labkernel "
                f"image export {self._image} {self._image}.ova",
            )


def _named(first: str) -> str:
    """The image that the first file is called after; there is a recipe for it."""
    if not (first.startswith(PREFIX) and first.endswith(".ovf")):
        raise Refused(_NONE)
    try:
        return images.find(first.removeprefix(PREFIX).removesuffix(".ovf")).name
    except ImageError as error:
        raise Refused(f"has an image that can't be used here: {shown(error)}") from None
