"""``labkernel up | status | shell | down``: running labs, without a notebook."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from labkernel.cli import piping, signals, terminal
from labkernel.cli.arguments import LAB, backend_option, running_on, step_of, vm_option, wrong_use
from labkernel.cli.exit_codes import FAILED
from labkernel.errors import LabError

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.progress import OnProgress
    from labkernel.running import RunningLab
    from labkernel.steps import Step


@click.command()
@click.argument("lab", type=LAB)
@click.option("--step", metavar="STEP", help="Reset it, and do all steps before this one.")
@backend_option
@vm_option
def up(lab: "Lab", step: str | None, backend: str | None) -> int:
    """Start a lab's nodes, and leave them running.

    The lab ends with `labkernel down`, or by itself an hour after it was used last.
    """
    running = running_on(lab, backend)
    target = step_of(lab, step) if step else None
    nodes = [node.name for node in running.topology.nodes]
    with nothing_left_of(running):
        if target:
            bring_before(running, target)
        else:
            start(running)
        ended = running.ended()
        alive = [node for node in nodes if node not in ended]
        terminal.say(f"{lab.name} is up: {', '.join(alive) or 'none of its nodes'}")
        terminal.say(_next(lab, ended) if ended else f"Next: labkernel shell {lab.name} {nodes[0]}")
    return FAILED if ended else 0


def _next(lab: "Lab", ended: dict[str, str]) -> str:
    description = ", ".join(f"{node} ({how})" for node, how in ended.items())
    return f"{description} ended. Try: labkernel down {lab.name}, and labkernel up {lab.name}"


@contextmanager
def nothing_left_of(running: "RunningLab") -> Iterator[None]:
    """A lab that is started in here, and did not run, ends at an interrupt."""
    was_up = running.is_up()
    try:
        yield
    except BaseException:
        if signals.came() and not was_up:
            running.down()
        raise


def start(running: "RunningLab") -> None:
    """Start a lab, or attach to it where it runs; what it lacks is built before."""
    with terminal.progress() as on_progress:
        if not running.is_up():
            running.backend.build_missing_images(running.topology, on_progress)
        running.up(on_progress)


def require_up(running: "RunningLab", by: str = "up") -> None:
    """Raise UsageError unless the lab runs.

    :param by: the command that would have it run.
    """
    if running.is_up():
        return
    name = running.lab.name
    elsewhere = [
        description["backend"] for description in find_running() if description["name"] == name
    ]
    with wrong_use():
        if elsewhere:
            here = running.backend.name
            raise LabError(
                f'lab "{name}" runs on the {elsewhere[0]} backend, and does not on {here}',
                f"--backend {elsewhere[0]}",
            )
        raise LabError(f'lab "{name}" does not run', f"labkernel {by} {name}")


@contextmanager
def afresh(running: "RunningLab") -> "Iterator[OnProgress]":
    """For what starts a lab afresh: what it lacks is built, and nothing is left at an interrupt."""
    was_up = running.is_up()
    try:
        with nothing_left_of(running), terminal.progress() as on_progress:
            running.backend.build_missing_images(running.topology, on_progress)
            yield on_progress
    except BaseException:
        if signals.came() and was_up:
            name = running.lab.name
            terminal.say(
                f"interrupted: {name} is no longer what it was. Try: labkernel reset {name}"
            )
        raise


def bring_before(running: "RunningLab", step: "Step") -> None:
    """Start a lab afresh, and do all steps before a step."""
    with afresh(running) as on_progress:
        running.goto(step, lambda step, index, count: on_progress(step.title, index / count))


@click.command()
@terminal.as_json
def status(as_json: bool) -> None:
    """List the labs that run."""
    found = find_running()
    if as_json:
        terminal.print_json({"labs": found})
    elif not found:
        terminal.say("No lab runs.")
    else:
        rows = [
            (lab["name"], lab["lab"], lab["backend"], lab["supervisor_pid"] or "–", _nodes(lab))
            for lab in found
        ]
        terminal.print_columns(("NAME", "LAB", "BACKEND", "PID", "NODES"), rows)


def _nodes(lab: dict[str, Any]) -> str:
    if not lab["answers"]:
        return f"does not answer; labkernel down {lab['name']} ends it"
    how = dict.fromkeys(lab["stopped"], " (does not answer)") | dict.fromkeys(
        lab["ended"], " (ended)"
    )
    return ", ".join(f"{node}{how.get(node, '')}" for node in lab["nodes"])


def find_running() -> list[dict[str, Any]]:
    """Every running lab of this user: its name, its lab, backend, supervisor's pid, nodes, for each
    node that has ended, how, and which nodes stand still."""
    from labkernel import backends

    return [
        {
            "name": description["instance"],
            "lab": description["lab"],
            "backend": name,
            "supervisor_pid": description["pid"],
            "nodes": description["nodes"],
            "ended": description["ended"],
            "stopped": description.get("stopped", []),
            "answers": description.get("answers", True),
        }
        for name, description in backends.running()
    ]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("lab", type=LAB)
@click.argument("node")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("-i", "--stdin", is_flag=True, help="Connect this command's input to the command.")
@backend_option
def shell(lab: "Lab", node: str, command: Sequence[str], stdin: bool, backend: str | None) -> int:
    """Open a shell on a node of a running lab, or run a COMMAND on it.

    One word is a text for bash ('ip a | grep eth0'); several are a command as they stand.
    """
    running = running_on(lab, backend)
    with wrong_use():
        words = running.shell(node)
    require_up(running)
    if command and command[0] in ("-i", "--stdin"):
        stdin, command = True, command[1:]
    if command:
        given = sys.stdin.buffer.read() if stdin else b""
        return piping.run(running, node, _words(command), given)
    if not sys.stdin.isatty():  # a script: the shell ends with it
        return piping.run(running, node, ["/bin/bash", "-l"], sys.stdin.buffer.read())
    if sys.platform == "win32":  # where exec gives the terminal back at once
        return subprocess.call(words)
    return os.execvp(words[0], words)


def _words(command: Sequence[str]) -> list[str]:
    return ["/bin/bash", "-c", command[0]] if len(command) == 1 else list(command)


@click.command()
@click.argument("names", nargs=-1, metavar="LAB...")
@click.option("--all", "every", is_flag=True, help="End all of your labs.")
def down(names: Sequence[str], every: bool) -> None:
    """End running labs: nothing is left of them."""
    if bool(names) == every:
        raise click.UsageError("name the labs to end, or give --all")
    here = [(lab["name"], lab["backend"]) for lab in find_running()]
    known = list(dict.fromkeys(name for name, _ in here))
    for name in names:
        if name not in known:
            what = f"running labs: {', '.join(known)}" if known else "no lab runs"
            raise click.UsageError(f'lab "{name}" does not run; {what}')
    for name, backend in here:
        if every or name in names:
            _end(name, backend)
    if every and not here:
        terminal.say("No lab runs.")


def _end(name: str, backend: str) -> None:
    from labkernel import backends

    backends.make(backend, instance=name).down()
    terminal.say(f"{name} has ended.")
