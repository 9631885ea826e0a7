"""Converts terminal output to text: without escape sequences, with overwritten parts removed.

Output of nodes may be malicious: every function here takes time linear in the length of the text.
"""

import re

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor (ECMA-48)
    r"|(?:\x1b\]|\x9d).*?(?:\x07|\x1b\\|\x9c|\Z)"  # operating system commands: titles, links
    r"|\x1b+(?=\x1b)|\x1b[@-Z\\-_]|[\x1b\x9b\x9d]"
    # other control characters, C1 as well, and what turns the direction of text around (UAX #9)
    r"|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9a\x9c\x9e\x9f\u202a-\u202e\u2066-\u2069]+",
    re.DOTALL,
)


def plain(text: str) -> str:
    """Convert a terminal's output to text: without colours, each line as last overwritten."""
    text = _ESCAPE.sub("", text).replace("\r\n", "\n")
    if "\x08" not in text and "\r" not in text:
        return text
    return "\n".join(map(_last_written, map(_rubbed_out, text.split("\n"))))


def plain_part(text: str) -> str:
    """Remove escape sequences from a part of a terminal's output; carriage returns stay."""
    return _ESCAPE.sub("", text)


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
