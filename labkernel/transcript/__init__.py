"""The stable text of a run: what two machines, or two runs on one, print alike.

Times, process ids, random addresses and their like are replaced by tokens.  A value that tells
things apart gets a numbered one, the same value the same number (``<ip6-1>``, ``<mac-1>``,
``<pid-1>``); a value that merely measures gets a bare one (``<clock>``, ``<dur>``, ``<rate>``).
What the topology fixes, what a step's command names and what was numbered by hand
(``2001:db8::53``) stays.
"""

from collections.abc import Iterable

from labkernel.plain import plain
from labkernel.steps import Outcome
from labkernel.topology import Topology
from labkernel.transcript.shortening import LINES, WIDTH, shorten
from labkernel.transcript.tokens import Tokens, fixed

__all__ = ["LINES", "WIDTH", "fixed", "normalise", "prompt", "shorten", "transcript"]


def transcript(outcome: Outcome, topology: Topology) -> str:
    """A step's run as stable text: its title, the command, what it printed, and the verdict."""
    step = outcome.step
    keep = fixed(topology, step.run, outcome.command, step.about)
    tokens = Tokens(keep, (step.volatile,) if step.volatile else ())
    printed = shorten(plain(outcome.output).rstrip().splitlines())
    lines = [step.title, *prompt(step.on, outcome.command), *tokens.replace_in(printed)]
    if outcome.exit_code:
        lines.append(f"[exit code {outcome.exit_code}]")
    return "\n".join([*lines, *tokens.replace_in(shorten([outcome.verdict()]))])


def prompt(node: str, command: str) -> list[str]:
    """The lines of a command as they stand after a node's prompt."""
    first, *more = command.strip().splitlines() or [""]
    return [f"{node}$ {first}", *(f"{'>':>{len(node) + 1}} {line}".rstrip() for line in more)]


def normalise(text: str, keep: Iterable[str] = (), volatile: Iterable[str] = ()) -> str:
    """Replace what differs from run to run by tokens; of a long text, see :func:`shorten`.

    :param keep: addresses that stay as they are.
    :param volatile: further regular expressions; what a named group matches becomes a token of its
        name, and without one the whole match becomes ``<…>``.
    """
    lines = shorten(text.split("\n"), 2 * LINES)
    return "\n".join(Tokens(frozenset(keep), tuple(volatile)).replace_in(lines))
