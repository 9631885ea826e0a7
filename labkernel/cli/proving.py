"""``labkernel prove``: checks refuse wrong answers and accept right ones."""

import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labkernel import backends, labs, resources
from labkernel.cli import signals, terminal
from labkernel.cli.arguments import LAB_NAME, backend_option, vm_option, wrong_use
from labkernel.cli.exit_codes import FAILED, UNABLE

if TYPE_CHECKING:
    from labkernel.progress import OnProgress


@click.command()
@click.argument("names", nargs=-1, type=LAB_NAME, metavar="LAB...")
@click.option("--all", "every", is_flag=True, help="Prove every lab.")
@click.option("--step", metavar="STEP", help="Prove this step alone.")
@click.option(
    "--long",
    is_flag=True,
    help="Give a check its full time before its failure counts.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Prove the lab again whenever a .py file in its directory is saved; if all is proved, "
    "write its notebook's outputs.",
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
    """Prove that labs' checks refuse wrong answers and accept right ones.

    For each step: its check fails before it; each mistake is refused in the declared words, and
    the step can be done after it; each other right answer passes; the step can be undone, and done
    again at once. Each fault of a drill makes the drill's check fail, and Give up repairs it. Each
    name in a notebook's cells exists in the lab. Exit codes: 0 all is proved, 1 something is not,
    3 this machine or backend can't run a lab, and nothing else is wrong.
    """
    if bool(names) == every:
        raise click.UsageError("name the labs to prove, or give --all")
    if len(names) != 1 and (watch or step):
        raise click.UsageError(f"--{'watch' if watch else 'step'} proves one lab")
    with wrong_use():
        if step:
            labs.load(names[0]).find(step)
        if backend:
            backends.find(backend)
    if watch:
        from labkernel.cli import watching

        return watching.prove_again(names[0], _words(step, long, backend, as_json))
    chosen = labs.names() if every else list(dict.fromkeys(names))
    proofs = [_prove(name, step or "", backend or "", long) for name in chosen]
    if as_json:
        terminal.print_json({"labs": [asdict(each) for each in proofs]})
    else:
        _print(proofs)
    codes = {each.exit_code for each in proofs}
    return 1 if 1 in codes else max(codes, default=0)


def _words(step: str | None, long: bool, backend: str | None, as_json: bool) -> list[str]:
    """The same options, for another process."""
    given = [*(["--step", step] if step else []), *(["--backend", backend] if backend else [])]
    return [*given, *(["--long"] if long else []), *(["--json"] if as_json else [])]


@dataclass
class LabProof:
    """The result of proving a lab.

    :param cases: of each case step, kind, name, whether it is proved, and if not, why.
    :param why: why the lab as a whole could not be proved; empty if it could.
    :param unavailable: whether that is because this machine can't run it.
    """

    name: str
    cases: list[dict[str, Any]] = field(default_factory=list)
    why: str = ""
    unavailable: bool = False

    @property
    def exit_code(self) -> int:
        """0 all that could be tried is proved, 1 something is not, 3 this machine can't run it."""
        if self.unavailable:
            return UNABLE
        wrong = self.why or any(
            not case["proved"] and not case["skip_reason"] for case in self.cases
        )
        return FAILED if wrong else 0

    @property
    def result(self) -> str:
        """In a word or two."""
        if self.exit_code:
            return "not run" if self.unavailable else "not proved"
        if not any(case["proved"] for case in self.cases):
            return "not run" if self.cases else "nothing to prove"
        return "proved"


def _prove(name: str, step: str, backend: str, long: bool) -> LabProof:
    """Prove a lab in a process of its own, and an instance of its own that ends with that."""
    from labkernel.cli.proof_process import Job

    proof, ended = LabProof(name), False
    words = Job(name, step, backend, long, os.getpid()).words()
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=pipe, text=True)
    with process, terminal.progress() as on_progress:
        for line in process.stdout or ():
            ended = _take(proof, json.loads(line), on_progress) or ended
    _tell_unreached(proof)
    if not ended and not signals.came():
        proof.why = f"the process that proved it ended (exit code {process.returncode})"
        terminal.say(f"{name}: {proof.why}")
    return proof


def _tell_unreached(proof: LabProof) -> None:
    """Say once that the walk could not go on, and what was not proved for that."""
    left = [case for case in proof.cases if case["unreached"]]
    if left:
        names = list(dict.fromkeys(case["step"] for case in left))
        terminal.say(
            f"{proof.name}: the walk could not go on: {left[0]['unreached']}. Not proved for that: "
            f"{len(left)} cases, of {', '.join(names)}"
        )


def _take(proof: LabProof, message: dict[str, Any], on_progress: "OnProgress") -> bool:
    """Take what the process tells; whether that was the last of it."""
    if case := message.get("proof"):
        proof.cases.append(case)
        if case["why"]:
            terminal.say(f"{proof.name}: {case['why']}")
    elif why := message.get("unable") or message.get("failed"):
        proof.why, proof.unavailable = why, "unable" in message
        terminal.say(f"{proof.name}: {why}")
    elif doing := message.get("doing"):
        on_progress(f"{proof.name}: {doing}", message["part"])
    return "end" in message


def _print(proofs: list[LabProof]) -> None:
    rows = [
        (
            each.name,
            each.result,
            f"{sum(case['proved'] for case in each.cases)}/{len(each.cases)}",
            sum(case["kind"] == "mistake" and case["proved"] for case in each.cases),
            f"{sum(case['seconds'] for case in each.cases):.1f}",
        )
        for each in proofs
    ]
    terminal.print_columns(("LAB", "RESULT", "CASES", "MISTAKES", "SECONDS"), rows)
    for each in proofs:
        for why in {case["skip_reason"] for case in each.cases if case["skip_reason"]}:
            terminal.say(f"{each.name}: a step was not run: {why}")


@click.command()
@click.argument("name")
@click.option(
    "--in",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="The directory.  [default: the first of LABKERNEL_LABS, or this one]",
)
def new(name: str, directory: Path | None) -> None:
    """Write a lab of your own: its file, its notebook, and mistakes that are proved."""
    from labkernel.cli import scaffold

    listed = resources.listed(labs.VARIABLE)
    directory = (directory or (listed[0] if listed else Path.cwd())).expanduser().absolute()
    with wrong_use():
        made = scaffold.write(name, directory)
    for path in made:
        terminal.say(f"written: {path}")
    if directory not in listed:
        quoted = ":".join(shlex.quote(str(each)) for each in (*listed, directory))
        terminal.say(f"Next: export {labs.VARIABLE}={quoted}")
    terminal.say(f"Next: labkernel prove {name} --watch, and labkernel open {name}")
