"""``labkernel do | check | hint | undo | goto | reset``: a lab's steps, as its cards do them."""

from typing import TYPE_CHECKING

import click

from labkernel import settings
from labkernel.cli import terminal
from labkernel.cli.arguments import (
    LAB,
    STEP,
    backend_option,
    running_on,
    step_of,
    vm_option,
)
from labkernel.cli.exit_codes import FAILED, UNABLE
from labkernel.cli.nodes import afresh, bring_before, nothing_left_of, require_up, start
from labkernel.cli.quoting import Quote
from labkernel.errors import (
    AuthorError,
    CheckFailed,
    CommandFailed,
    LabError,
    NotRunYet,
    Stopped,
)

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.outcomes import OutcomeData
    from labkernel.record import Record
    from labkernel.running import RunningLab
    from labkernel.steps import Outcome, Step


@click.command()
@click.argument("lab", type=LAB)
@click.argument("step", type=STEP)
@click.option("-c", "--command", help="A command to run instead of the step's own.")
@click.option("--solve", is_flag=True, help="Run a task's solution.")
@backend_option
@vm_option
@terminal.as_json
def do(
    lab: "Lab", step: str, command: str | None, solve: bool, backend: str | None, as_json: bool
) -> int:
    """Run a step of a lab, and its check.

    STEP is its name or its number, as `labkernel steps LAB` prints them. A task is yours to do: by
    -c, or in a shell on its node, and then `labkernel check`. Exit codes: 0 passed, 1 not yet or
    failed, 3 this machine can't run it.
    """
    from labkernel.outcomes import OutcomeData

    running, target = running_on(lab, backend), step_of(lab, step)
    _require_whose(lab, target, command, solve)
    with nothing_left_of(running):
        if not target.skip_reason():
            start(running)
        missing = running.missing_before(target)
        outcome = _do(running, target, command, as_json)
        ended = OutcomeData.of(outcome)
        _record(lab).note(ended)
        _tell(outcome, ended, missing, as_json)
    return _code(ended)


def _tell(outcome: "Outcome", ended: "OutcomeData", missing: "list[Step]", as_json: bool) -> None:
    if as_json:
        terminal.print_json(ended.as_json())
        return
    terminal.say(outcome.verdict())
    if missing and not outcome.passed and not outcome.skip_reason:
        names = ", ".join(each.name for each in missing)
        terminal.say(f"Steps before it that have not passed: {names}")


def _require_whose(lab: "Lab", step: "Step", command: str | None, solve: bool) -> None:
    """Raise UsageError unless it is clear what is to run."""
    if command is not None and solve:
        raise click.UsageError("-c and --solve are two answers: give one")
    if command is not None and not command.strip():
        raise click.UsageError("-c has no command")
    if solve and not step.is_task:
        raise click.UsageError(f'"{step.title}" is no task: without --solve its command runs')
    if step.is_task and command is None and not solve:
        raise click.UsageError(
            f'"{step.title}" is a task, for you to do on {step.on}: give the command by -c. '
            f"--solve runs the solution, and labkernel hint {lab.name} {step.name} helps"
        )


def _do(running: "RunningLab", step: "Step", command: str | None, silent: bool) -> "Outcome":
    """Do it; what it prints is quoted."""
    from labkernel.running import Listener

    if silent:
        return running.do(step, command)
    quote = Quote()
    try:
        listener = Listener(lambda text: terminal.write(quote.take(text)))
        return running.do(step, command, listener)
    finally:
        terminal.write(quote.end())


def _record(lab: "Lab") -> "Record":
    from labkernel.record import Record

    return Record(lab, settings.keeps_events(), settings.keeps_work())


def _code(ended: "OutcomeData") -> int:
    from labkernel.steps import Status

    return {Status.PASSED: 0, Status.SKIPPED: UNABLE}.get(ended.status, FAILED)


@click.command()
@click.argument("lab", type=LAB)
@click.argument("step", type=STEP)
@backend_option
@terminal.as_json
def check(lab: "Lab", step: str, backend: str | None, as_json: bool) -> int:
    """Judge a step by the running lab as it is; no command runs for it.

    Exit codes: 0 passed, 1 not yet.
    """
    from labkernel.outcomes import OutcomeData

    running, target = running_on(lab, backend), step_of(lab, step)
    require_up(running)
    said: str | LabError
    try:
        said = running.up().check(target)
    except NotRunYet:
        raise click.UsageError(
            f'"{target.title}" is judged by what it prints, which only `labkernel do` sees: '
            f"labkernel do {lab.name} {target.name}"
        ) from None
    except (CheckFailed, CommandFailed, AuthorError, Stopped) as error:
        said = error
    ended = OutcomeData.of_check(target, said)
    _record(lab).note(ended)
    if as_json:
        terminal.print_json(ended.as_json())
    else:
        terminal.say(ended.verdict)
    return _code(ended)


@click.command()
@click.argument("lab", type=LAB)
@click.argument("step", type=STEP)
@click.argument("number", type=click.IntRange(1), default=1)
@terminal.as_json
def hint(lab: "Lab", step: str, number: int, as_json: bool) -> int:
    """Print a hint for a step: the first one, or that of NUMBER."""
    target = step_of(lab, step)
    hints = list(target.hints)
    if as_json:
        terminal.print_json({"lab": lab.name, "step": target.name, "hints": hints})
    elif not hints:
        terminal.say(f'"{target.title}" has no hints')
    elif number > len(hints):
        raise click.UsageError(f'"{target.title}" has {len(hints)} hints')
    else:
        click.echo(hints[number - 1])
        _record(lab).note_hint(target.name, number)
        if number < len(hints):
            more = f"labkernel hint {lab.name} {target.name} {number + 1}"
            terminal.say(f"({number} of {len(hints)}; the next one: {more})")
    return 0


@click.command()
@click.argument("lab", type=LAB)
@click.argument("step", type=STEP)
@backend_option
def undo(lab: "Lab", step: str, backend: str | None) -> None:
    """Take back what a step did in the running lab."""
    running, target = running_on(lab, backend), step_of(lab, step)
    if not target.undo:
        raise click.UsageError(f'"{target.title}" changes nothing: there is nothing to undo')
    require_up(running)
    running.up().undo(target)
    terminal.say(f'"{target.title}" was undone')


@click.command()
@click.argument("lab", type=LAB)
@click.argument("step", type=STEP)
@backend_option
@vm_option
def goto(lab: "Lab", step: str, backend: str | None) -> None:
    """Reset a lab, and do all steps before a step."""
    running, target = running_on(lab, backend), step_of(lab, step)
    bring_before(running, target)
    terminal.say(f'{lab.name} is where it is before "{target.title}"')


@click.command()
@click.argument("lab", type=LAB)
@backend_option
@vm_option
def reset(lab: "Lab", backend: str | None) -> None:
    """Start a lab afresh; its nodes' files and processes are lost."""
    running = running_on(lab, backend)
    with afresh(running) as on_progress:
        running.reset(on_progress)
    terminal.say(f"{lab.name} was started afresh")
