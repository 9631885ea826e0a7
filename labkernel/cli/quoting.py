"""Quotes output of nodes, files and other programs for a terminal and for the log of a CI server.

Control sequences are removed, and text that a CI server would interpret as a command is changed.
GitHub's runner interprets ``::error::`` at a line's start, also after spaces, so each quoted line
begins with a bar and not only with an indent.  GitHub's older commands, Azure's and TeamCity's
(``##[…]``, ``##vso[…]``, ``##teamcity[…]``) are found anywhere in a line, so a space is inserted.
GitLab's sections have control characters.
"""

import re

from labkernel.plain import plain

BAR = "| "

_ANYWHERE = re.compile(r"(##\w*)\[")
_AT_THE_START = re.compile(r"\s*(?:::|section_|travis_|\+\+\+ |--- |~~~ )")
#: characters after which a line is told although it has not ended
_LONGEST = 1 << 16


def safe(text: str) -> str:
    """A text of ours, with words of others in it: all its lines but the first get the bar."""
    first, *more = plain(text).splitlines() or [""]
    start = BAR if _AT_THE_START.match(first) else ""
    return "\n".join([start + _tamed(first), *(BAR + _tamed(line) for line in more)])


def line(text: str) -> str:
    """The same as one line."""
    return safe(" ".join(plain(text).splitlines()))


def _tamed(text: str) -> str:
    return _ANYWHERE.sub(r"\1 [", text)


class Quote:
    """Quotes output that comes in pieces, line by line."""

    def __init__(self) -> None:
        self._rest: list[str] = []
        self._length = 0

    def take(self, text: str) -> str:
        """The next piece; gives the lines that it ends."""
        *lines, rest = text.split("\n")
        quoted = []
        for each in lines:
            self._keep(each)
            quoted.append(self._quoted())
        self._keep(rest)
        if self._length > _LONGEST:
            quoted.append(self._quoted())
        return "".join(quoted)

    def end(self) -> str:
        """The line that has not ended."""
        return self._quoted() if self._length else ""

    def _keep(self, text: str) -> None:
        self._rest.append(text)
        self._length += len(text)

    def _quoted(self) -> str:
        text = "".join(self._rest)
        self._rest, self._length = [], 0
        return _quoted(text)


def _quoted(text: str) -> str:
    lines = plain(text).splitlines() or [""]
    return "".join(f"{BAR}{_tamed(each)}".rstrip() + "\n" for each in lines)
