"""How labs ended: read from their executed notebooks, told to people and scripts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from labkernel import errors
from labkernel.cli import quoting
from labkernel.outcomes import KEY, Ended
from labkernel.plain import plain
from labkernel.steps import Status

if TYPE_CHECKING:
    from rich.console import Console

    from labkernel.lab import Lab

Result = Literal["passed", "failed", "not run"]


@dataclass(frozen=True)
class StepRun:
    """How a step ended.

    :param passed: whether its check did; ``None`` if it was not reached, or not run.
    :param seconds: wall-clock time of its cell: the command and the check.
    :param not_run: why it can't be run here; empty if it can.
    """

    name: str
    title: str
    passed: bool | None = None
    seconds: float | None = None
    not_run: str = ""


@dataclass(frozen=True)
class LabRun:
    """How a lab's notebook ended.

    :param why: what the check, or whatever failed, said; why it was not run; empty if it passed.
    :param step: the name of the step that failed; empty if it was none of the lab's steps.
    :param seconds: wall-clock time, with the start of the notebook's kernel.
    :param work: seconds of that in which cells ran.
    :param notebook: the executed notebook; empty if there is none.
    :param page: the HTML page of it; empty if there is none.
    :param excused: whether it was declared that it can't run like that.
    """

    name: str
    result: Result
    why: str = ""
    step: str = ""
    steps: tuple[StepRun, ...] = ()
    seconds: float = 0.0
    work: float = 0.0
    notebook: str = ""
    page: str = ""
    excused: bool = False

    def as_json(self) -> dict[str, Any]:
        """The fields as a dict."""
        fields = asdict(self)
        del fields["excused"]
        return fields


def read(lab: "Lab", executed: Path, page: Path, seconds: float, error: str = "") -> LabRun:
    """How the run ended that left this executed notebook, which may be missing or incomplete.

    :param error: what went wrong outside the notebook's cells.
    """
    written = executed.exists()
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"] if written else []
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    reached = {run.name: run for cell in code for run in _steps_of(cell)}
    steps = tuple(reached.get(step.name, StepRun(step.name, step.title)) for step in lab.steps)
    why = error or next(filter(None, map(_failure, code)), "")
    failed = next((step.name for step in steps if step.passed is False), "")
    unreached = [step.title for step in steps if step.passed is None and not step.not_run]
    if unreached and not why:
        why = f'the notebook never ran the step "{unreached[0]}"'
    return LabRun(
        lab.name,
        "failed" if why or failed else "passed",
        why,
        failed,
        steps,
        seconds,
        sum(_seconds(cell) for cell in code),
        str(executed) if written else "",
        str(page) if page.exists() else "",
    )


def _steps_of(cell: dict[str, Any]) -> Iterable[StepRun]:
    """The steps whose outcomes a cell put out."""
    for output in cell.get("outputs", ()):
        if ended := Ended.from_json(output.get("metadata", {}).get(KEY)):
            skipped = ended.status is Status.SKIPPED
            passed = None if skipped else ended.status is Status.PASSED
            not_run = ended.verdict.removeprefix("Not run: ") if skipped else ""
            yield StepRun(ended.step, ended.title, passed, _seconds(cell), not_run)


def _seconds(cell: dict[str, Any]) -> float:
    return float(cell["metadata"].get("papermill", {}).get("duration") or 0.0)


def _failure(cell: dict[str, Any]) -> str:
    """What a cell's error says: a sentence of ours as it is, another with its kind and place."""
    for output in cell.get("outputs", ()):
        if output["output_type"] == "error":
            kind, said = output["ename"], plain(output["evalue"])
            if hasattr(errors, kind):
                return said
            source = errors.first_line("".join(cell["source"]), 60)
            return f"cell [{cell['execution_count']}] `{source}`: {kind}: {said}"
    return ""


def print_table(runs: Sequence[LabRun], out: "Console") -> None:
    """Print results and times, and below them what went wrong."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Lab", "Result", "Steps", "Seconds"):
        table.add_column(heading, justify="right" if heading == "Seconds" else "left")
    colours = {"passed": "green", "failed": "red", "not run": "yellow"}
    for run in runs:
        result = f"[{colours[run.result]}]{run.result}[/]"
        passed = sum(step.passed is True for step in run.steps)
        table.add_row(run.name, result, f"{passed}/{len(run.steps)}", f"{run.seconds:.1f}")
    out.print(table)
    for run in runs:
        if run.why:
            text = f"\n[bold]{run.name}[/]: {escape(quoting.safe(_where(run) + run.why))}"
            out.print(text, soft_wrap=True)
        if run.why and run.notebook:
            out.print(
                f"    {escape(quoting.line(errors.shown(run.page or run.notebook)))}",
                soft_wrap=True,
            )
        for step in run.steps:
            if step.not_run:
                text = f'step "{step.title}" was not run: {step.not_run}'
                out.print(f"\n[bold]{run.name}[/]: {escape(quoting.safe(text))}", soft_wrap=True)


def _where(run: LabRun) -> str:
    title = next((step.title for step in run.steps if step.name == run.step), "")
    return f'step "{title}" failed. ' if title else ""
