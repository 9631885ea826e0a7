"""The notebooks as they are committed: executed headless, without anything of one machine."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from labkernel.notebook.refresh import stable

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture
def notebook(path: Path) -> NotebookNode:
    return nbformat.read(path, 4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells with something to execute."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def test_there_are_notebooks() -> None:
    """The tests below have something to test."""
    assert {"00-start", "02-anyip"} <= {path.stem for path in NOTEBOOKS}


@every
def test_every_cell_was_executed_in_order(notebook: NotebookNode) -> None:
    """Every code cell has a number, else nbval would never compare it."""
    numbers = [cell.execution_count for cell in code_cells(notebook)]
    assert numbers == list(range(1, len(numbers) + 1))


@every
def test_no_widget_state(notebook: NotebookNode) -> None:
    """No widget is saved: it would be a blank spot without a kernel."""
    assert "widgets" not in notebook.metadata
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


@every
def test_nothing_failed(notebook: NotebookNode) -> None:
    """No committed output is an error, or a warning on standard error."""
    for cell in code_cells(notebook):
        assert not [output for output in cell.outputs if output.output_type == "error"]
        assert not [output for output in cell.outputs if output.get("name") == "stderr"]


@every
def test_metadata_is_the_same_everywhere(notebook: NotebookNode) -> None:
    """No times and no versions are saved: a refresh changes only what the lab does."""
    assert stable(notebook.copy()) == notebook


@every
def test_parameters_can_be_given(notebook: NotebookNode) -> None:
    """One cell takes papermill's parameters, first those that every notebook has."""
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    assert [cell.source.splitlines()[:2] for cell in tagged] == [
        ['backend = ""', "run_steps = False"]
    ]


@every
def test_cells_are_short(notebook: NotebookNode) -> None:
    """Code cells have a few lines, and those that only show a card are folded."""
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= 6, cell.source
        if cell.source.startswith("show("):
            assert cell.metadata.get("jupyter", {}).get("source_hidden"), cell.source


@every
def test_links_lead_somewhere(notebook: NotebookNode, path: Path) -> None:
    """A link to another notebook names one that there is."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for part in cell.source.split("](")[1:]:
                target = part.partition(")")[0]
                if target.endswith(".ipynb"):
                    assert (path.parent / target).exists(), target
