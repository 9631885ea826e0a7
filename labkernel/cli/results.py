"""The results of labs: read from their executed notebooks, printed for people and scripts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from labkernel import errors
from labkernel.cli import quoting
from labkernel.outcomes import KEY, OutcomeData
from labkernel.plain import plain
from labkernel.steps import Status

if TYPE_CHECKING:
    from rich.console import Console

    from labkernel.lab import Lab

Result = Literal["passed", "failed", "not run"]


@dataclass(frozen=True)
class StepRun:
    """The result of a step.

    :param passed: whether its check passed; ``None`` if it was not reached, or not run.
    :param seconds: wall-clock time of its cell: the command and the check.
    :param skip_reason: why it can't be run here; empty if it can.
    """

    name: str
    title: str
    passed: bool | None = None
    seconds: float | None = None
    skip_reason: str = ""


@dataclass(frozen=True)
class LabRun:
    """The result of a lab's notebook.

    :param why: the message of the failure, or why it was not run; empty if it passed.
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


@dataclass(frozen=True)
class Executed:
    """A notebook that was executed.

    :param notebook: what it became; may be missing or incomplete.
    :param page: the HTML page of it; may be missing.
    :param seconds: wall-clock time.
    :param error: what went wrong outside its cells.
    """

    notebook: Path
    page: Path
    seconds: float
    error: str = ""

    def code(self) -> list[dict[str, Any]]:
        """Its code cells."""
        if not self.notebook.exists():
            return []
        cells = json.loads(self.notebook.read_text(encoding="utf-8"))["cells"]
        return [cell for cell in cells if cell["cell_type"] == "code"]

    def failure(self) -> str:
        """The message of the first failure; empty if there is none."""
        return self.error or next(filter(None, map(_failure, self.code())), "")


def read(lab: "Lab", executed: Sequence[Executed]) -> LabRun:
    """The result of a lab, read from its executed notebooks; most labs have one."""
    code = [cell for each in executed for cell in each.code()]
    reached = {run.name: run for cell in code for run in _steps_of(cell)}
    steps = tuple(reached.get(step.name, StepRun(step.name, step.title)) for step in lab.steps)
    failures = [(each, why) for each in executed if (why := each.failure())]
    shown, why = failures[0] if failures else (executed[0], "")
    failed = next((step.name for step in steps if step.passed is False), "")
    unreached = [step.title for step in steps if step.passed is None and not step.skip_reason]
    if unreached and not why:
        why = f'the notebook never ran the step "{unreached[0]}"'
    return LabRun(
        lab.name,
        "failed" if why or failed else "passed",
        why,
        failed,
        steps,
        sum(each.seconds for each in executed),
        sum(_seconds(cell) for cell in code),
        str(shown.notebook) if shown.notebook.exists() else "",
        str(shown.page) if shown.page.exists() else "",
    )


def _steps_of(cell: dict[str, Any]) -> Iterable[StepRun]:
    """The steps whose outcomes a cell put out."""
    for output in cell.get("outputs", ()):
        if ended := OutcomeData.from_json(output.get("metadata", {}).get(KEY)):
            skipped = ended.status is Status.SKIPPED
            passed = None if skipped else ended.status is Status.PASSED
            yield StepRun(ended.step, ended.title, passed, _seconds(cell), ended.skip_reason)


def _seconds(cell: dict[str, Any]) -> float:
    return float(cell["metadata"].get("papermill", {}).get("duration") or 0.0)


def _failure(cell: dict[str, Any]) -> str:
    """The message of a cell's error: a LabError as it is, another one with its type and source."""
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
            if step.skip_reason:
                text = f'step "{step.title}" was not run: {step.skip_reason}'
                out.print(f"\n[bold]{run.name}[/]: {escape(quoting.safe(text))}", soft_wrap=True)


def _where(run: LabRun) -> str:
    title = next((step.title for step in run.steps if step.name == run.step), "")
    return f'step "{title}" failed. ' if title else ""
