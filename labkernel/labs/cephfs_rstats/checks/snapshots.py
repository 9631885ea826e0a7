"""Checks of a snapshot, and of what came back from it."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import looks_at
from labkernel.errors import last_line
from labkernel.labs.cephfs_rstats.checks.mounting import ANSWER
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at(sends=True)
def snapshot(attempt: "Attempt") -> str:
    """There is a snapshot of home."""
    if not attempt.run("admin", ["test", "-d", f"{MOUNT}/home/.snap/monday"], timeout=ANSWER).ok:
        hint = f"A snapshot is made by mkdir: `mkdir {MOUNT}/home/.snap/monday`."
        raise CheckFailed("a snapshot monday of home", "there is none", hint)
    return "home has a snapshot monday"


@looks_at(sends=True)
def recovered(attempt: "Attempt") -> str:
    """Carol's draft is what it was on Monday."""
    expected = f"{MOUNT}/home/carol/thesis/draft as it was on Monday"
    snapshot(attempt)
    old = f"{MOUNT}/home/.snap/monday/carol/thesis/draft"
    found = attempt.run("admin", ["cmp", old, f"{MOUNT}/home/carol/thesis/draft"], timeout=ANSWER)
    if not found.ok:
        hint = f"Copy it from {MOUNT}/home/.snap/monday: it looks like home, as it was."
        raise CheckFailed(expected, f"but: {last_line(found.output)}", hint)
    return "carol has her draft again, byte for byte"
