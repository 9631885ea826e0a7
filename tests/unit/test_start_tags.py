"""Start this notebook runs the cells with a tag: those that set up and show, and no other."""

import ast
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from labkernel import Lab
from labkernel.drills import Drill
from labkernel.steps import Step

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
TAG = "labkernel-start"

every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[NotebookNode]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags_of(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", ()))


def shown(cell: NotebookNode) -> object:
    """The lab, step or drill that a cell shows, and that alone."""
    if cell.source.startswith("%"):
        return None
    match ast.parse(cell.source).body:
        case [
            ast.Expr(
                ast.Call(
                    ast.Name("show"), [ast.Attribute(value=ast.Name(module), attr=name)], keywords
                )
            )
        ] if [each.arg for each in keywords] in ([], ["folded"]):
            return getattr(import_module(f"labkernel.labs.{module}"), name)
    return None


def sets_up(cell: NotebookNode) -> bool:
    """Whether a cell imports the lab and begins."""
    return "begin(backend, run_steps)" in cell.source.splitlines()


def lists_the_course(cell: NotebookNode) -> bool:
    """Whether a cell says how far one is, and what this machine can run."""
    return str(cell.source) == "show(course())"


@every
def test_start_runs_what_sets_up_and_shows_and_nothing_else(path: Path) -> None:
    """The tag is on the parameters, the imports, the list of the course, and each show of a lab,
    step or drill, and on no cell that measures, runs something on a node or shows what came of it.
    """
    for cell in code_cells(path):
        shows = isinstance(shown(cell), Lab | Step | Drill)
        wanted = "parameters" in tags_of(cell) or sets_up(cell) or shows
        wanted = wanted or lists_the_course(cell)
        assert (TAG in tags_of(cell)) == wanted, cell.source


@every
def test_start_shows_the_whole_lab(path: Path) -> None:
    """The lab comes first, and every step and drill that the lab declares has its card."""
    things = [shown(cell) for cell in code_cells(path) if TAG in tags_of(cell)]
    lab, *parts = [thing for thing in things if thing is not None]
    assert isinstance(lab, Lab)
    assert parts == [*lab.steps, *lab.drills]


@every
def test_answers_are_folded(path: Path) -> None:
    """What answers a question that one is to predict, is folded where it is read without our
    extension: the next step's transcript."""
    asked = False
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            asked = "**Predict" in cell.source
        elif asked and isinstance(step := shown(cell), Step) and not step.is_task:
            assert cell.source.endswith(", folded=True)"), cell.source


@every
def test_what_was_recorded_is_not_done(path: Path) -> None:
    """Each card says that nobody did it; a task's solution stands nowhere but in a fold."""
    for cell in code_cells(path):
        thing = shown(cell)
        if thing is None:
            continue
        (output,) = cell.outputs
        html = output.data["text/html"]
        if "lk-is-not-run" in html:  # needs what was not there
            continue
        assert output.data["application/vnd.labkernel.card+json"]["recorded"] is True
        if isinstance(thing, Step):
            before, fold, _ = html.partition('<details class="lk-transcript"')
            assert fold
            assert "lk-verdict" not in before.partition("</style>")[2]
            assert not thing.is_task or "lk-input" not in before.partition("</style>")[2]
