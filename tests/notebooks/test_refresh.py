"""The helper that writes a notebook's outputs into it."""

from pathlib import Path

import nbformat
import pytest

from labkernel.notebook.refresh import main


def write(path: Path, *sources: str) -> Path:
    """A notebook with these code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["widgets"] = {"state": {}}
    nbformat.write(notebook, path)
    return path


def test_outputs_are_written_without_times(tmp_path: Path) -> None:
    """Outputs and numbers are written; times, versions and widget state are not."""
    path = write(tmp_path / "a.ipynb", "import os", "print(os.environ['LABKERNEL_AUTO'])")
    assert main([str(path)]) == 0
    notebook = nbformat.read(path, 4)
    assert notebook.cells[1].outputs[0].text == "1\n"
    assert [cell.execution_count for cell in notebook.cells] == [1, 2]
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata.language_info) == {"name"}


def test_a_notebook_that_fails_is_left_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failing cell gives exit code 1 and its message; the others are refreshed all the same."""
    broken = write(tmp_path / "a.ipynb", "raise RuntimeError('no luck')")
    good = write(tmp_path / "b.ipynb", "print('fine')")
    before = broken.read_bytes()
    assert main([str(broken), str(good)]) == 1
    assert broken.read_bytes() == before
    assert "no luck" in capsys.readouterr().err
    assert nbformat.read(good, 4).cells[0].outputs[0].text == "fine\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ipynb", "b.ipynb"]


def test_usage_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file it says how it is used."""
    assert main([]) == 2
    assert "Usage" in capsys.readouterr().err


def test_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is named."""
    assert main([str(tmp_path / "none.ipynb")]) == 1
    assert "none.ipynb" in capsys.readouterr().err


def test_file_that_is_no_notebook_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no notebook is named, and left as it was."""
    path = tmp_path / "text.ipynb"
    path.write_text("hello")
    assert main([str(path)]) == 1
    assert "text.ipynb" in capsys.readouterr().err
    assert path.read_text() == "hello"
