"""Reads a tar that somebody else may have made: member by member, in one pass, with bounds.

tarfile reads the headers; what it would read without a bound, or go on reading for ever, ends in
:class:`Refused`.
"""

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, cast

from labkernel.errors import shown

#: bytes that the headers of one member may take: names, and extended attributes
_HEADERS = 1 << 20
_PIECE = 1 << 18
#: what tarfile raises when a header is damaged, or made to be
_DAMAGED = (tarfile.TarError, EOFError, ValueError, LookupError, OverflowError, RecursionError)


class Refused(Exception):
    """The archive is none of ours, or damaged: what is wrong with it, a predicate ("has no …")."""


class Damaged(Refused):
    """An archive can't be read to its end; the message is a clause with the reason."""


class Passing:
    """A file that is read from another, and passed on as it is read.

    :param source: what is read.
    :param pass_on: gets each piece before it is looked at.
    """

    def __init__(self, source: IO[bytes], pass_on: Callable[[bytes], object]) -> None:
        self._source = source
        self._pass_on = pass_on
        self.count = 0
        self._most = _HEADERS

    def expect(self, size: int) -> None:
        """The next that will be read is this content, and headers."""
        self._most = self.count + size + _HEADERS + 2 * _PIECE

    def read(self, size: int) -> bytes:
        """See io.RawIOBase."""
        data = self._source.read(min(size, _PIECE))
        self.count += len(data)
        if self.count > self._most:
            raise Refused(f"has a header of more than {_HEADERS} bytes")
        self._pass_on(data)
        return data

    def drain(self) -> None:
        """Read what is behind the last member, which means nothing."""
        while piece := self._source.read(_PIECE):
            self.count += len(piece)
            self._pass_on(piece)


Member = tarfile.TarInfo


def members(passing: Passing) -> Iterator[tuple[Member, Callable[[], Iterator[bytes]]]]:
    """The members, each with a function that reads its content piece by piece, before the next one.

    :raises Damaged: a header is damaged, or the content is truncated.
    :raises Refused: a file would have holes.
    """
    with _damaged():
        file = cast("IO[bytes]", passing)  # tarfile reads, and asks for nothing else
        # ours are in UTF-8, whatever the locale says
        with tarfile.open(fileobj=file, mode="r|", bufsize=_PIECE, encoding="utf-8") as archive:
            while member := archive.next():
                if member.size < 0 or member.issparse():
                    raise Refused(f"has a file with holes: {shown(member.name)}")
                passing.expect(member.size)
                yield member, partial(_content, archive, member)
                archive.members.clear()  # type: ignore[attr-defined]  # of millions it keeps each


def _content(archive: tarfile.TarFile, member: Member) -> Iterator[bytes]:
    with _damaged():
        file = archive.extractfile(member)
        assert file is not None, "a regular file has content"
        while piece := file.read(_PIECE):
            yield piece


@contextmanager
def _damaged() -> Iterator[None]:
    """Turn exceptions of tarfile into Damaged."""
    try:
        yield
    except _DAMAGED as error:
        raise Damaged(shown(error) or type(error).__name__) from None
