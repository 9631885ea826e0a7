"""dhcp6c's configuration: the file that the running client was started with."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Attempt

DEFAULT = "/etc/wide-dhcpv6/dhcp6c.conf"

#: octets of a file that are read
_ENOUGH = 1 << 16


def words_of(attempt: "Attempt", node: str, program: str) -> list[str]:
    """The words of a running program's command line; none if it does not run."""
    pid = f"$(pgrep -o -x {program})"
    return attempt.run(node, f"tr '\\0' '\\n' < /proc/{pid}/cmdline").output.splitlines()


def option_of(words: list[str], option: str, default: str = "") -> str:
    """The value of an option, ``-c FILE`` or ``-cFILE``; the last one counts."""
    value = default
    for index, word in enumerate(words):
        if word == option and index + 1 < len(words):
            value = words[index + 1]
        elif word.startswith(option) and len(word) > len(option):
            value = word[len(option) :]
    return value


def configuration(attempt: "Attempt", node: str) -> str:
    """The text of the file, without comments; the default file's where none runs."""
    path = option_of(words_of(attempt, node, "dhcp6c"), "-c", DEFAULT)
    text = attempt.run(node, ["head", "-c", str(_ENOUGH), path])
    return re.sub(r"#.*", "", text.output) if text.ok else ""
