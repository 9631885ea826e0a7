"""``labkernel list | steps | open``: what the course has, and the way into it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labkernel import backends, labs
from labkernel.cli import advance, course_copy, jupyter, terminal
from labkernel.cli.arguments import LAB, wrong_use
from labkernel.errors import LabError, shown

if TYPE_CHECKING:
    from labkernel.lab import Lab


@click.command("list")
@terminal.as_json
def list_(as_json: bool) -> None:
    """List the labs, and what is wrong with any that can't be loaded."""
    found, broken = [], {}
    for name in labs.names():
        try:
            found.append(_describe(labs.load(name)))
        except labs.BrokenLab as error:
            broken[name] = str(error)
            terminal.say(f"lab {name}: {error}")
    if as_json:
        terminal.print_json({"labs": found, "broken": broken})
        return
    terminal.print_columns(
        ("LAB", "TITLE", "NODES", "STEPS", "TASKS", "NOTEBOOK"),
        [
            (
                lab["name"],
                lab["title"],
                ", ".join(lab["nodes"]),
                lab["steps"],
                lab["tasks"],
                Path(lab["notebook"] or "none").name,
            )
            for lab in found
        ],
    )


def _describe(lab: "Lab") -> dict[str, Any]:
    return {
        "name": lab.name,
        "title": lab.title,
        "notebook": _notebook(lab.name),
        "nodes": [node.name for node in lab.topology.nodes],
        "steps": len(lab.steps),
        "tasks": sum(step.is_task for step in lab.steps),
        "backends": backends.offering(lab.needs),
    }


def _notebook(name: str) -> str | None:
    try:
        return str(labs.notebook(name))
    except LabError:
        return None


@click.command()
@click.argument("lab", type=LAB)
@terminal.as_json
def steps(lab: "Lab", as_json: bool) -> None:
    """List the steps of a lab."""
    found = [
        {"name": step.name, "title": step.title, "node": step.on, "task": step.is_task}
        for step in lab.steps
    ]
    drills = [{"title": drill.title, "faults": len(drill.faults)} for drill in lab.drills]
    if as_json:
        terminal.print_json({"steps": found, "drills": drills})
        return
    rows: list[tuple[object, ...]] = [
        (index, "task" if step.is_task else "step", step.on, step.name)
        for index, step in enumerate(lab.steps, start=1)
    ]
    for number in range(1, len(drills) + 1):
        which = f" {number}" if len(drills) > 1 else ""
        rows.append(("–", "drill", "–", f"labkernel drill {lab.name}{which}"))
    terminal.print_columns(("#", "KIND", "NODE", "STEP"), rows)


class _PassingOn(click.Command):
    """A command that keeps what follows ``--`` for another program, in ``ctx.meta``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before it."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[PASSED_ON] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Say that something may follow."""
        return [*super().collect_usage_pieces(ctx), "[-- JUPYTERLAB'S OPTIONS]"]


PASSED_ON = "labkernel.passed_on"


@click.command("open", cls=_PassingOn)
@click.argument("lab", default=labs.START)
@click.option(
    "--course",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=course_copy.DEFAULT,
    show_default=True,
    help="Your copy of the course: made where there is none, brought up to date where there is.",
)
@click.option(
    "--ip",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where JupyterLab listens; 0.0.0.0 in a container, whose network is its own.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and start no browser.")
@click.pass_context
def open_(ctx: click.Context, lab: str, course: Path, ip: str, no_browser: bool) -> None:
    """Open a lab's notebook, or the index, in JupyterLab: in your own copy of the course.

    What you do in it stays yours: a notebook that you have changed is never written over.
    Only this machine can reach JupyterLab, with the token that it prints. What follows -- goes to
    JupyterLab: labkernel open anyip -- --port=9000
    """
    with wrong_use():
        notebook = labs.notebook(lab)
        if notebook in labs.shipped_notebooks():
            notebook = _copy(notebook, course.expanduser())
    os.chdir(notebook.parent)
    given = [*(["--no-browser"] if no_browser else []), *ctx.meta[PASSED_ON]]
    words = jupyter.words(f"--LabApp.default_url=/lab/tree/{notebook.name}", *given, ip=ip)
    environment = jupyter.environment()
    advance.build_for(lab)
    advance.build_the_rest()
    sys.stdout.flush()
    os.execve(words[0], words, environment)


def _copy(notebook: Path, course: Path) -> Path:
    """A shipped notebook in the trainee's own copy."""
    for sentence in course_copy.bring_up_to_date(course):
        terminal.say(sentence)
    terminal.say(f"the course is in {shown(course)}")
    return course / notebook.name
