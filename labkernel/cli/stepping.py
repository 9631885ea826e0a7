"""``labkernel do | check | hint | undo | goto | reset | drill | progress``: a lab's steps, as its
cards do them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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
    wrong_use,
)
from labkernel.cli.exit_codes import FAILED, UNABLE
from labkernel.cli.nodes import nothing_left_of, told_of_steps
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
    from labkernel.outcomes import Ended
    from labkernel.record import Progress, Record
    from labkernel.running import RunningDrill, RunningLab
    from labkernel.steps import Outcome, Step


@click.command()
@click.argument("lab", type=LAB)
@click.argument("step", type=STEP)
@click.option("-c", "--command", help="What to run in place of the step's own command.")
@click.option("--solve", is_flag=True, help="Of a task, run its solution.")
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
    running, target = running_on(lab, backend), step_of(lab, step)
    _require_whose(lab, target, command, solve)
    with nothing_left_of(running):
        if not target.why_not():
            _start(running)
        missing = running.missing_before(target)
        outcome = _do(running, target, command, as_json)
        ended = _noted(lab, outcome)
        _tell(outcome, ended, missing, as_json)
    return _code(ended)


def _tell(outcome: "Outcome", ended: "Ended", missing: "list[Step]", as_json: bool) -> None:
    if as_json:
        terminal.print_json(ended.as_json())
        return
    terminal.say(outcome.verdict())
    if missing and not outcome.passed and not outcome.not_run:
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


def _start(running: "RunningLab") -> None:
    with terminal.progress() as on_progress:
        if not running.is_up():
            running.backend.build_missing_images(running.topology, on_progress)
        running.up(on_progress)


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


def _noted(lab: "Lab", outcome: "Outcome") -> "Ended":
    from labkernel.outcomes import Ended

    ended = Ended.of(outcome)
    _record(lab, ended)
    return ended


def _record(lab: "Lab", ended: "Ended") -> None:
    _record_of(lab).note(ended)


def _record_of(lab: "Lab") -> "Record":
    from labkernel.record import Record

    return Record(lab, settings.keeps_events(), settings.keeps_work())


def _code(ended: "Ended") -> int:
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
    from labkernel.outcomes import Ended

    running, target = running_on(lab, backend), step_of(lab, step)
    _require_up(running)
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
    ended = Ended.of_check(target, said)
    _record(lab, ended)
    if as_json:
        terminal.print_json(ended.as_json())
    else:
        terminal.say(ended.verdict)
    return _code(ended)


def _require_up(running: "RunningLab", by: str = "up") -> None:
    if not running.is_up():
        name = running.lab.name
        with wrong_use():
            raise LabError(f'lab "{name}" does not run. Try: labkernel {by} {name}')


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
        _record_of(lab).note_hint(target.name, number)
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
        raise click.UsageError(f'"{target.title}" only looks: there is nothing to undo')
    _require_up(running)
    running.up().undo(target)
    terminal.say(f'"{target.title}" was taken back')


@click.command()
@click.argument("lab", type=LAB)
@click.argument("step", type=STEP)
@backend_option
@vm_option
def goto(lab: "Lab", step: str, backend: str | None) -> None:
    """Start a lab afresh, and bring it to what it is before a step."""
    running, target = running_on(lab, backend), step_of(lab, step)
    with nothing_left_of(running), terminal.progress() as on_progress:
        running.backend.build_missing_images(running.topology, on_progress)
        running.goto(target, told_of_steps(on_progress))
    terminal.say(f'{lab.name} is where it is before "{target.title}"')


@click.command()
@click.argument("lab", type=LAB)
@backend_option
@vm_option
def reset(lab: "Lab", backend: str | None) -> None:
    """Start a lab afresh: what was done in it is lost."""
    running = running_on(lab, backend)
    with nothing_left_of(running), terminal.progress() as on_progress:
        running.backend.build_missing_images(running.topology, on_progress)
        running.reset(on_progress)
    terminal.say(f"{lab.name} was started afresh")


@click.command()
@click.argument("lab", type=LAB)
@click.argument("number", type=click.IntRange(1), default=1)
@click.option("--seed", type=int, help="The same number breaks the same thing.")
@click.option("--check", "checks", is_flag=True, help="See whether it is mended.")
@click.option("--hint", "hints", is_flag=True, help="Print the hints for what is broken.")
@click.option("--give-up", "gives_up", is_flag=True, help="Mend it, and tell what it was.")
@backend_option
@vm_option
@terminal.as_json
def drill(
    lab: "Lab",
    number: int,
    seed: int | None,
    checks: bool,
    hints: bool,
    gives_up: bool,
    backend: str | None,
    as_json: bool,
) -> int:
    """Start a lab afresh, and break something in it, for you to find and mend.

    NUMBER is that of the drill, where a lab has several. Exit codes: 0 it is broken, or mended; 1
    it is not mended yet.
    """
    given = {"seed": seed is not None, "check": checks, "hint": hints, "give-up": gives_up}
    acts = [name for name, is_given in given.items() if is_given]
    if len(acts) > 1:
        raise click.UsageError(f"--{acts[0]} and --{acts[1]} can't be had together")
    if number > len(lab.drills):
        has = f"has {len(lab.drills)} drills" if lab.drills else "has no drill"
        raise click.UsageError(f'lab "{lab.name}" {has}')
    running, declared = running_on(lab, backend), lab.drills[number - 1]
    tell = _telling(as_json)
    if acts in ([], ["seed"]):
        _start(running)
        return _break(running.drill(declared), lab, number, seed, tell)
    _require_up(running, "drill")
    running.up()
    return _see(running.drill(declared), lab, acts[0], tell)


Tell = Callable[..., None]


def _telling(as_json: bool) -> Tell:
    """How to say something: as a sentence, or as JSON."""

    def tell(sentence: str, **more: Any) -> None:
        if as_json:
            terminal.print_json(more | {"said": sentence})
        else:
            terminal.say(sentence)

    return tell


def _break(running: "RunningDrill", lab: "Lab", number: int, seed: int | None, tell: Tell) -> int:
    running.begin(seed)
    which = f"{lab.name} {number}" if len(lab.drills) > 1 else lab.name
    tell(
        f"Something is broken. Find it, and mend it; then: labkernel drill {which} --check",
        broken=True,
    )
    return 0


def _see(running: "RunningDrill", lab: "Lab", act: str, tell: Tell) -> int:
    if (fault := running.current) is None:
        raise click.UsageError(f"nothing is broken. Try: labkernel drill {lab.name}")
    if act == "hint":
        tell("\n".join(fault.hints), broken=True, hints=list(fault.hints))
        return 0
    try:
        seen = running.check() if act == "check" else running.solve()
    except CheckFailed as failure:
        tell(f"Not yet: {failure}", broken=True, seen=failure.seen)
        return FAILED
    tell(f"{'Passed' if act == 'check' else 'Given up'}: {seen}", broken=False)
    return 0


@click.command()
@click.argument("lab", type=LAB, required=False)
@terminal.as_json
def progress(lab: "Lab | None", as_json: bool) -> None:
    """Show how far you are with a lab, or with each lab."""
    from labkernel import labs, record

    chosen = [lab] if lab else [labs.load(name) for name in labs.names() if name in record.labs()]
    found = {each.name: record.progress(each) for each in chosen}
    if as_json:
        listed = [
            {"lab": name, "steps": [vars(step) for step in steps]} for name, steps in found.items()
        ]
        terminal.print_json({"labs": listed})
    elif lab:
        rows = [_row(number, step) for number, step in enumerate(found[lab.name], start=1)]
        terminal.print_columns(("#", "STATUS", "TRIES", "HINTS", "STEP"), rows)
    elif found:
        rows_ = [
            (name, f"{sum(step.passed for step in steps)} of {len(steps)}", _last(steps))
            for name, steps in found.items()
        ]
        terminal.print_columns(("LAB", "PASSED", "LAST TRY (UTC)"), rows_)
    else:
        terminal.say("No step was tried yet.")


def _row(number: int, step: "Progress") -> tuple[object, ...]:
    status = "passed" if step.passed else step.status or "–"
    return number, status, step.attempts, step.hints, step.step


def _last(steps: Any) -> str:
    return max((step.time for step in steps), default="")[:19].replace("T", " ")
