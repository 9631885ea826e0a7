"""The proof that commands which hints name are taken by their programs."""

import re
from collections.abc import Iterator

from labkernel.command import Result
from labkernel.errors import CheckFailed, last_line
from labkernel.proving.holding import NotProved
from labkernel.running import RunningLab
from labkernel.steps import Step

#: seconds for a command of a hint; one that goes on for longer was not refused
_LIMIT = 5.0
_CODE = re.compile(r"`([^`]+)`")
#: what stands for something that the trainee has to fill in: ``FILE``, ``<name>``, ``…``
_OPEN = re.compile(r"…|\.\.\.|<[a-z-]+>|(?<![$\w/])(?!(?:AAAA|PTR|SYN|ACCEPT|DROP)\b)[A-Z]{3,}\b")
#: of the shell
_VARIABLE = re.compile(r"\$\w+|\$\{\w+\}")
#: programs say by this that a command is none of theirs, or that what it names is not there
_REFUSED = re.compile(
    r"usage:|command not found|(un(recognized|known)|invalid|bad|illegal) (option|argument|command|"
    r"object|parameter|keyword|value)|is unknown, try|is a garbage|syntax error|is wrong|"
    r"no valid command found|error einval|cannot (find|access|stat|open)|can't (find|open)|"
    r"no such (file|device|container|table|chain)|does not exist|not found|exclusive",
    re.IGNORECASE,
)


def commands_in(hint: str, answer: str = "") -> Iterator[str]:
    """Commands of a hint that can be run as they stand.

    :param answer: the step's own command, whose lines are left out, whatever their variables are:
        they are run all the same, and what is done twice would be in the way of what comes next.
    """
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    own = re.compile("|".join(".+".join(map(re.escape, _VARIABLE.split(line))) for line in lines))
    found = (each for each in _CODE.findall(hint) if not _OPEN.search(each))
    # a word alone names a program
    return (
        each
        for each in found
        if " " in each.strip() and not (lines and own.fullmatch(each.strip()))
    )


def prove_hint_of(running: RunningLab, step: Step, failure: CheckFailed) -> None:
    """Run each command that a failed check's hint names, in the state in which it was said.

    :raises NotProved: a program refuses one.
    """
    first = (failure.expected.on, step.on)
    prove_commands(running, f'"{step.title}"', failure.hint, *first, answer=step.run)


def prove_hints(running: RunningLab, step: Step) -> None:
    """Run each command that a step's own hints name, in the state before it.

    :raises NotProved: a program refuses one.
    """
    for hint in step.hints:
        prove_commands(running, f'"{step.title}"', hint, step.on, answer=step.run)


def prove_commands(running: RunningLab, of: str, hint: str, *first: str, answer: str = "") -> None:
    """Require that one of the nodes takes each command of a hint (which node is meant, prose says).

    :param of: whose hint it is, a noun.
    :param first: the nodes that are tried before the others; what names no node is passed over.
    :param answer: see :func:`commands_in`.
    :raises NotProved: all refuse one.
    """
    names = [node.name for node in running.topology.nodes]
    nodes = dict.fromkeys([*(each for each in first if each in names), *names])
    for command in commands_in(hint, answer):
        refusals = []
        for node in nodes:
            if not running.run(node, f"type -P {_program(command)}").ok:
                continue
            refusal = _refusal(running.run(node, command, timeout=_LIMIT))
            if not refusal:
                break
            refusals.append(f"{node} says: {refusal.strip()}")
        else:
            if refusals:
                raise NotProved(f"a hint of {of} names `{command}`, and {'; '.join(refusals)}")


def _program(command: str) -> str:
    words = re.match(r"\s*([\w./-]+)", command)
    return words[1] if words else "-"


def _refusal(result: Result) -> str:
    """The line by which a program refuses a command; empty if it takes it."""
    if result.ok or result.timed_out or result.command.endswith("help"):
        return ""  # a program prints its usage when it is asked for, with whatever exit code
    said = next((line for line in result.output.splitlines() if _REFUSED.search(line)), "")
    return said or (last_line(result.output) if result.exit_code in (126, 127) else "")
