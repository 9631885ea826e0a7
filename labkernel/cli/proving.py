"""``labkernel prove``: the checks of labs can fail, and say what is so."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labkernel import labs, settings
from labkernel.cli import terminal
from labkernel.cli.arguments import LAB_NAME, backend_option, vm_option, wrong_use
from labkernel.cli.exit_codes import FAILED
from labkernel.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labkernel.lab import Lab
    from labkernel.proving import Case, Proof
    from labkernel.running import RunningLab


@click.command()
@click.argument("names", nargs=-1, type=LAB_NAME, metavar="LAB...")
@click.option("--all", "every", is_flag=True, help="Prove every lab.")
@click.option("--step", metavar="STEP", help="Prove this step alone.")
@click.option(
    "--long", is_flag=True, help="Give a check that must fail all the time that it gives a trainee."
)
@click.option(
    "--watch",
    is_flag=True,
    help="Prove it again whenever its file is saved, and bring its notebook's outputs up to date.",
)
@backend_option
@vm_option
@terminal.as_json
def prove(
    names: Sequence[str],
    every: bool,
    step: str | None,
    long: bool,
    watch: bool,
    backend: str | None,
    as_json: bool,
) -> int:
    """Show that the checks of labs can fail, and say what is so.

    Of each step: its check fails before it; each of its mistakes is refused in the declared words,
    and the step can be done after it; each other right answer passes; it can be undone, and done
    again at once. Exit codes: 0 all is proved, 1 something is not.
    """
    if bool(names) == every:
        raise click.UsageError("name the labs to prove, or give --all")
    if len(names) != 1 and (watch or step):
        raise click.UsageError(f"--{'watch' if watch else 'step'} is of one lab")
    if watch:
        from labkernel.cli import watching

        return watching.prove_again(names[0], _words(step, long, backend))
    with wrong_use():
        chosen = [labs.load(name) for name in (labs.names() if every else dict.fromkeys(names))]
    told = {lab.name: list(_prove(lab, step, long, backend)) for lab in chosen}
    if as_json:
        terminal.print_json({"labs": [_as_json(name, told[name]) for name in told]})
    else:
        _print(told)
    return FAILED if any(proof.why for proofs in told.values() for proof in proofs) else 0


def _words(step: str | None, long: bool, backend: str | None) -> list[str]:
    """The same options, for another process."""
    given = [*(["--step", step] if step else []), *(["--backend", backend] if backend else [])]
    return [*given, *(["--long"] if long else [])]


def _prove(lab: "Lab", step: str | None, long: bool, backend: str | None) -> "Iterator[Proof]":
    """Prove a lab, in an instance of its own that ends with it."""
    from labkernel.proving import cases_of, prove

    with wrong_use():
        only = lab.find(step) if step else None
        cases = [case for case in cases_of(lab) if only in (None, case.step)]
        running = _running(lab, backend)
    with terminal.progress() as on_progress:
        running.backend.build_missing_images(running.topology, on_progress)

        def begin(case: "Case") -> None:
            on_progress(f"{lab.name}: {case.name}", cases.index(case) / len(cases))

        try:
            for proof in prove(running, cases, long=long, before=begin):
                if proof.why:
                    terminal.say(f"{lab.name}: {proof.why}")
                yield proof
        finally:
            running.down()


def _running(lab: "Lab", backend: str | None) -> "RunningLab":
    from labkernel.running import RunningLab

    return RunningLab(
        lab,
        backend or "",
        instance=f"prove-{lab.name}-{os.getpid()}",
        vms=settings.vms(),
        images=settings.later_images(),
        options={"linger": 0},
    )


def _as_json(name: str, proofs: "Sequence[Proof]") -> dict[str, Any]:
    return {
        "name": name,
        "cases": [
            {
                "step": proof.case.step.name,
                "kind": proof.case.kind,
                "case": proof.case.name,
                "proved": not proof.why,
                "why": proof.why,
                "seconds": round(proof.seconds, 3),
            }
            for proof in proofs
        ],
    }


def _print(told: "dict[str, list[Proof]]") -> None:
    rows = [
        (
            name,
            "not proved" if any(proof.why for proof in proofs) else "proved",
            f"{sum(not proof.why for proof in proofs)}/{len(proofs)}",
            sum(proof.case.kind == "mistake" for proof in proofs),
            f"{sum(proof.seconds for proof in proofs):.1f}",
        )
        for name, proofs in told.items()
    ]
    terminal.print_columns(("LAB", "RESULT", "CASES", "MISTAKES", "SECONDS"), rows)


@click.command()
@click.argument("name")
@click.option(
    "--in",
    "place",
    type=click.Path(path_type=Path, file_okay=False),
    help="The directory.  [default: the first of LABKERNEL_LABS, or this one]",
)
def new(name: str, place: Path | None) -> None:
    """Write a lab of your own: its file, its notebook, and mistakes that are proved."""
    from labkernel.cli import scaffold

    listed = [path for path in os.environ.get(labs.VARIABLE, "").split(os.pathsep) if path]
    directory = place or (Path(listed[0]).expanduser() if listed else Path.cwd())
    with wrong_use():
        made = scaffold.write(name, directory)
    for path in made:
        terminal.say(f"written: {path}")
    if str(directory) not in listed:
        terminal.say(f"Next: export {labs.VARIABLE}={directory}")
    terminal.say(f"Next: labkernel prove {name} --watch, and labkernel open {name}")
    if sys.platform != "linux":
        raise LabError("labs are proved on Linux: namespaces are what they run in there")
