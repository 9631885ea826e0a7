"""Checks of a command's output."""

import re
from typing import TYPE_CHECKING

from labkernel.checks.events import looks_at
from labkernel.errors import CheckFailed, Expected, first_line, last_line

if TYPE_CHECKING:
    from labkernel.attempt import Attempt, Check


def shows(node: str, command: str, pattern: str, what: str = "", hint: str = "") -> "Check":
    """The output of a command on a node matches a regular expression (multi-line).

    :param what: the meaning of a match, a noun phrase; the pattern itself when empty.
    """

    def look(attempt: "Attempt") -> str:
        result = attempt.run(node, command)
        match = re.search(pattern, result.output, re.MULTILINE)
        expected = Expected(node, f"{what or repr(pattern)} in `{first_line(command)}`")
        if not match:
            raise CheckFailed(expected, _printed(result.output), hint)
        return f"{node} shows {what + ': ' if what else ''}{first_line(match.group())}"

    return look


def printed(pattern: str, what: str = "", hint: str = "") -> "Check":
    """The output of the step itself matches a regular expression (multi-line)."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = f"{what or repr(pattern)} in what the step prints"
        if attempt.exit_code is None:
            raise CheckFailed(expected, "it has not run", "Run the step.")
        match = re.search(pattern, attempt.output, re.MULTILINE)
        if not match:
            raise CheckFailed(expected, _printed(attempt.output), hint)
        return f"it printed {what + ': ' if what else ''}{first_line(match.group())}"

    return look


def _printed(output: str) -> str:
    return f"it printed “{last_line(output)}”" if output.strip() else "it printed nothing"
