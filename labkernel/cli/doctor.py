"""``labkernel doctor``: what this machine can run."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from labkernel import backends, labs, plugins, settings
from labkernel.cli import quoting, terminal
from labkernel.cli.exit_codes import UNABLE

if TYPE_CHECKING:
    from rich.table import Table

    from labkernel.doctor import Ability, Report


@click.command()
@terminal.as_json
def doctor(as_json: bool) -> int:
    """Show what this machine can run, and how to fix problems."""
    from labkernel import doctor as examination

    report = examination.report(settings.vms(), settings.image_overrides())
    if as_json:
        terminal.print_json(report.as_json())
    else:
        _print(report)
        for group, own in ((plugins.BACKENDS, list(backends.REGISTRY)), (plugins.LABS, labs.own())):
            for problem in plugins.problems(group, own):
                terminal.say(problem)
    return 0 if report.able else UNABLE


def _print(report: "Report") -> None:
    out = terminal.console()
    out.print(_facts(report))
    for kind, found in (("backend", report.backends), ("lab", report.labs)):
        for (able, why, remedy), names in _alike(found).items():
            verdict = "[green]able[/]" if able else "[red]not able[/]"
            what = f"{kind}{'s' if len(names) > 1 else ''} {_said(', '.join(names))}"
            out.print(f"{what}: {verdict}{f': {_said(why)}.' if why else ''}", soft_wrap=True)
            if remedy:
                out.print(f"    Try: {_said(remedy)}", soft_wrap=True)


def _said(text: str) -> str:
    from rich.markup import escape

    return escape(quoting.safe(text))


def _alike(found: "Iterable[Ability]") -> dict[tuple[bool, str, str], list[str]]:
    """The names of those of which the same is to be said."""
    names: dict[tuple[bool, str, str], list[str]] = {}
    for each in found:
        names.setdefault((each.able, each.why, each.remedy), []).append(each.name)
    return names


def _facts(report: "Report") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "What", "Found", "Try"):
        table.add_column(heading, overflow="fold")
    for fact in report.facts:
        words = (fact.name, fact.value, fact.remedy)
        wrong = "[red]✗[/]" if fact.needed else "[yellow]–[/]"
        table.add_row("[green]✓[/]" if fact.ok else wrong, *map(_said, words))
    return table
