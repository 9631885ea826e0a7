"""Checks of today's engine."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs._docker import VERSION, no_engine

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def newer_than(node: str, major: int) -> "Check":
    """The engine is of that version or a later one."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"an engine {major} or later")
        if trouble := no_engine(attempt, node, "Start it: start-dockerd."):
            raise CheckFailed(expected, *trouble)
        version = attempt.run(node, VERSION).output.strip()
        if not version[:1].isdigit() or int(version.split(".")[0]) < major:
            raise CheckFailed(expected, f"it is {version}")
        return f"{node} has an engine {major} or later"

    return look
