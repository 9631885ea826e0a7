"""Converts terminal output to text: without escape sequences, with overwritten parts removed.

Output of nodes may be malicious: every function here takes time linear in the length of the text.
"""

import re

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor (ECMA-48)
    r"|(?:\x1b\]|\x9d).*?(?:\x07|\x1b\\|\x9c|\Z)"  # operating system commands: titles, links
    r"|\x1b[(-/][0-~]|\x1b[=>78]"  # character sets, keypad, cursor: what a console is sent
    r"|\x1b+(?=\x1b)|\x1b[@-Z\\-_]|[\x1b\x9b\x9d]"
    # other control characters, C1 as well, and what turns the direction of text around (UAX #9)
    r"|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9a\x9c\x9e\x9f\u202a-\u202e\u2066-\u2069]+",
    re.DOTALL,
)
#: a sequence whose end is in the next piece
_UNFINISHED = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*\Z|(?:\x1b\]|\x9d)[^\x07\x1b]*\x1b?\Z|\x1b[(-/]?\Z"
)
_LONGEST_HELD = 200  # characters


def plain(text: str) -> str:
    """Convert a terminal's output to text: without colours, each line as last overwritten."""
    text = _ESCAPE.sub("", text).replace("\r\n", "\n")
    if "\x08" not in text and "\r" not in text:
        return text
    return "\n".join(map(_last_written, map(_rubbed_out, text.split("\n"))))


def plain_part(text: str) -> str:
    """Remove escape sequences from a part of a terminal's output; carriage returns stay."""
    return _ESCAPE.sub("", text)


class PlainParts:
    """A terminal's output without escapes as it comes, in pieces: an escape sequence that is cut
    between two of them waits for its rest."""

    def __init__(self) -> None:
        self._held = ""

    def take(self, text: str) -> str:
        """The next piece: what is whole of it, and of what was held."""
        text = self._held + text
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _LONGEST_HELD))
        end = unfinished.start() if unfinished else len(text)
        self._held = text[end:]
        return plain_part(text[:end])


def _rubbed_out(line: str) -> str:
    """Apply the backspaces of a line, each of which removes the character before it."""
    if "\x08" not in line:
        return line
    kept: list[str] = []
    for character in line:
        if character != "\x08":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


def _last_written(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]
