"""``labkernel doctor``: what this machine can run."""

from typing import TYPE_CHECKING

import click

from labkernel.cli import terminal

if TYPE_CHECKING:
    from rich.table import Table

    from labkernel.doctor import Report

_UNABLE = 3


@click.command()
@terminal.as_json
def doctor(as_json: bool) -> int:
    """Say what this machine can run, and how to mend what it can't."""
    from labkernel import doctor as examination

    report = examination.report()
    if as_json:
        terminal.print_json(report.as_json())
    else:
        _print(report)
    return 0 if report.able else _UNABLE


def _print(report: "Report") -> None:
    out = terminal.console()
    out.print(_facts(report))
    for each in (*report.backends, *report.labs):
        kind = "lab" if each in report.labs else "backend"
        verdict = "[green]able[/]" if each.able else "[red]not able[/]"
        out.print(f"{kind} {each.name}: {verdict}{f': {each.why}.' if each.why else ''}")
        if each.remedy:
            out.print(f"    Try: {each.remedy}")


def _facts(report: "Report") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "What", "Found", "Try"):
        table.add_column(heading, overflow="fold")
    for fact in report.facts:
        wrong = "[red]✗[/]" if fact.needed else "[yellow]–[/]"
        table.add_row("[green]✓[/]" if fact.ok else wrong, fact.name, fact.value, fact.remedy)
    return table
