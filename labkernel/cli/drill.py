"""``labkernel drill``: something in a lab is broken, found and fixed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from labkernel.cli import terminal
from labkernel.cli.arguments import LAB, backend_option, running_on, vm_option
from labkernel.cli.exit_codes import FAILED
from labkernel.cli.nodes import afresh, require_up
from labkernel.errors import CheckFailed

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.running import RunningDrill


@click.command()
@click.argument("lab", type=LAB)
@click.argument("number", type=click.IntRange(1), default=1)
@click.option("--seed", type=int, help="The same number selects the same fault.")
@click.option("--check", "checks", is_flag=True, help="Check that the fault is repaired.")
@click.option("--hint", "hints", is_flag=True, help="Print the hints for the fault.")
@click.option("--give-up", "gives_up", is_flag=True, help="Repair the fault, and show it.")
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
    """Start a lab afresh, and inject a fault, for you to find and repair.

    NUMBER is that of the drill, where a lab has several. Exit codes: 0 it is broken, or fixed; 1
    it is not fixed yet.
    """
    given = {"seed": seed is not None, "check": checks, "hint": hints, "give-up": gives_up}
    acts = [name for name, is_given in given.items() if is_given]
    if len(acts) > 1:
        raise click.UsageError(f"--{acts[0]} and --{acts[1]} can't be had together")
    if number > len(lab.drills):
        has = f"has {len(lab.drills)} drills" if lab.drills else "has no drill"
        raise click.UsageError(f'lab "{lab.name}" {has}')
    running, declared = running_on(lab, backend), lab.drills[number - 1]
    report = _telling(as_json)
    if acts in ([], ["seed"]):
        with afresh(running):
            return _break(running.drill(declared), lab, number, seed, report)
    require_up(running, "drill")
    running.up()
    return _see(running.drill(declared), lab, acts[0], report)


Tell = Callable[..., None]


def _telling(as_json: bool) -> Tell:
    """A function that prints a message, as a sentence or as JSON."""

    def report(sentence: str, **more: Any) -> None:
        if as_json:
            terminal.print_json(more | {"said": sentence})
        else:
            terminal.say(sentence)

    return report


def _break(running: "RunningDrill", lab: "Lab", number: int, seed: int | None, report: Tell) -> int:
    running.begin(seed)
    which = f"{lab.name} {number}" if len(lab.drills) > 1 else lab.name
    report(
        f"There is a fault. Find and repair it; then: labkernel drill {which} --check",
        broken=True,
    )
    return 0


def _see(running: "RunningDrill", lab: "Lab", act: str, report: Tell) -> int:
    if (fault := running.current) is None:
        raise click.UsageError(f"nothing is broken. Try: labkernel drill {lab.name}")
    if act == "hint":
        report("\n".join(fault.hints), broken=True, hints=list(fault.hints))
        return 0
    try:
        seen = running.check() if act == "check" else running.solve()
    except CheckFailed as failure:
        report(f"Not yet: {failure}", broken=True, seen=failure.seen)
        return FAILED
    report(f"{'Passed' if act == 'check' else 'Given up'}: {seen}", broken=False)
    return 0
