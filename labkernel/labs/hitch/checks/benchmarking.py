"""Checks of timed starts, and of which was the slowest."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.hitch.commands.benchmarking import STARTS, TIMED
from labkernel.labs.hitch.views.starts import read

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def timed(program: str, *numbers: int, flat: bool = False) -> "Check":
    """The step has timed a program's start with each of these numbers of certificates.

    :param flat: whether the program loads none of them at its start.
    """

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = f"the time of a start of {program} with {', '.join(map(str, numbers))}"
        found = [each for each in read(attempt.output) if each.stack == program]
        if [each.number for each in found] != list(numbers):
            seen = ", ".join(str(each.number) for each in found) or "none"
            raise CheckFailed(f"{expected} certificates", f"there is that with {seen}")
        more = found[-1].number - found[0].number
        grown = found[-1].kib - found[0].kib
        if flat != (grown < more):
            seen = f"{more} more certificates took {grown} KiB more"
            raise CheckFailed(expected, seen)
        return f"{program} served the last of {', '.join(map(str, numbers))} certificates"

    return look


_FILE = "/root/slowest"
#: of the steepest line's: who is as near as that may be called the slowest
_NEAR = 0.95


def slopes(output: str) -> dict[str, float]:
    """Milliseconds for each certificate more, by stack."""
    seconds = {(each.stack, each.number): each.seconds for each in read(output)}
    first, last = TIMED[0], TIMED[-1]
    return {
        stack: 1000 * (seconds[stack, last] - seconds[stack, first]) / (last - first)
        for stack, number in seconds
        if number == first and (stack, last) in seconds
    }


@looks_at(file("trixie", _FILE, STARTS))
def found(attempt: "Attempt") -> str:
    """The file names the stack that takes longest for each certificate."""
    expected = Expected("trixie", f"the name of the slowest stack in {_FILE}")
    measured = slopes(attempt.run("trixie", ["cat", STARTS]).output)
    if len(measured) < 3:
        hint = "Run the step that times the three."
        raise CheckFailed(expected, f"{STARTS} has no times of all three", hint)
    answer = attempt.run("trixie", f"cat {_FILE} 2> /dev/null").output.strip()
    if not answer:
        raise CheckFailed(expected, "there is none", f"`echo … > {_FILE}`")
    if answer not in measured:
        seen = f"there is “{answer.splitlines()[0]}”"
        raise CheckFailed(expected, seen, f"One of {', '.join(measured)}.")
    steepest = max(measured.values())
    if measured[answer] < _NEAR * steepest:
        mine = f"{measured[answer]:.2f} ms for each certificate more"
        hint = f"{TIMED[-1]:,} certificates less {TIMED[0]}: what is the difference in seconds?"
        seen = f"{answer} takes {mine}, and another one takes {steepest:.2f} ms"
        raise CheckFailed(expected, seen, hint)
    return f"{_FILE} names the one that takes longest for each certificate, by what was measured"
