"""Makes the transcript of a run: text that is the same in every run and on every machine.

Times, process ids, random addresses and similar values are replaced by tokens.  An identifier gets
a numbered token, equal values the same number (``<ip6-1>``, ``<mac-1>``, ``<pid-1>``); a
measurement gets a plain token (``<clock>``, ``<dur>``, ``<rate>``).  Values of the topology and of
a step's command, and addresses assigned by hand (``2001:db8::53``), stay.
"""

from collections.abc import Iterable

from labkernel.plain import plain
from labkernel.steps import Outcome
from labkernel.topology import Topology
from labkernel.transcript.shortening import LINES, WIDTH, shorten
from labkernel.transcript.tokens import Tokens, fixed

__all__ = ["LINES", "WIDTH", "fixed", "normalise", "prompt", "shorten", "transcript"]


def transcript(outcome: Outcome, topology: Topology) -> str:
    """The transcript of a step: its title, the command, its output, and the verdict."""
    step = outcome.step
    keep = fixed(topology, step.run, outcome.command, step.about)
    tokens = Tokens(keep, (step.volatile,) if step.volatile else ())
    printed = shorten(plain(outcome.output).rstrip().splitlines())
    lines = [step.title, *prompt(step.on, outcome.command), *tokens.replace_in(printed)]
    if outcome.exit_code:
        lines.append(f"[exit code {outcome.exit_code}]")
    return "\n".join([*lines, *tokens.replace_in(shorten([outcome.verdict()]))])


def prompt(node: str, command: str) -> list[str]:
    """The lines of a command after a node's prompt."""
    first, *more = command.strip().splitlines() or [""]
    return [f"{node}$ {first}", *(f"{'>':>{len(node) + 1}} {line}".rstrip() for line in more)]


def normalise(text: str, keep: Iterable[str] = (), volatile: Iterable[str] = ()) -> str:
    """Replace values that differ from run to run by tokens; a long text is shortened.

    :param keep: addresses that are not replaced.
    :param volatile: further regular expressions; a named group's match becomes a token of its name;
        without a group the whole match becomes ``<…>``.
    """
    lines = shorten(text.split("\n"), 2 * LINES)
    return "\n".join(Tokens(frozenset(keep), tuple(volatile)).replace_in(lines))
