"""``labkernel progress``: how far a trainee is, by the record."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from labkernel.cli import terminal
from labkernel.cli.arguments import LAB

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.record import Progress


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


def _last(steps: "Sequence[Progress]") -> str:
    return max((step.time for step in steps), default="")[:19].replace("T", " ")
