"""What nodes, files and other programs say, made fit for a terminal and for the log of a CI server.

It is data: no control sequence of it reaches the terminal, and nothing of it stands where a CI
server looks for commands.  GitHub's runner takes ``::error::`` at a line's start for one, spaces
before it or not, so what is quoted has a bar before each line, and not a mere indent.  GitHub's
older commands, Azure's and TeamCity's (``##[…]``, ``##vso[…]``, ``##teamcity[…]``) are found
anywhere in a line, so these get a space.  GitLab's sections have control characters.
"""

import re

from labkernel.plain import plain

BAR = "| "

_ANYWHERE = re.compile(r"(##\w*)\[")
_AT_THE_START = re.compile(r"\s*::")
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
        self._rest = ""

    def take(self, text: str) -> str:
        """The next piece; gives the lines that it ends."""
        *lines, rest = (self._rest + text).split("\n")
        while len(rest) > _LONGEST:
            lines.append(rest[:_LONGEST])
            rest = rest[_LONGEST:]
        self._rest = rest
        return "".join(map(_quoted, lines))

    def end(self) -> str:
        """The line that has not ended."""
        rest, self._rest = self._rest, ""
        return _quoted(rest) if rest else ""


def _quoted(text: str) -> str:
    lines = plain(text).splitlines() or [""]
    return "".join(f"{BAR}{_tamed(each)}".rstrip() + "\n" for each in lines)
