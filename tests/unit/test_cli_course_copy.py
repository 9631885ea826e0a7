"""`labkernel open` works on the trainee's own copy of the course."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkernel import labs
from labkernel.cli.course_copy import bring_up_to_date
from labkernel.errors import LabError

Ship = Callable[..., None]
NAME = "02-anyip.ipynb"


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ship:
    """Ships a course of one notebook with these cells."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    monkeypatch.setenv("LABKERNEL_NOTEBOOKS", str(shipped))
    return lambda *sources: write(shipped / NAME, *sources)


def write(path: Path, *sources: str, output: str = "as shipped") -> None:
    """A notebook of code cells, each with an output."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code", "source": source, "metadata": {}, "id": source,
            "execution_count": None,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": output}],
        }
        for source in sources
    ]  # fmt: skip
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )


def read(path: Path) -> list[tuple[str, str]]:
    """Source and output of each cell."""
    cells: list[dict[str, Any]] = json.loads(path.read_text())["cells"]
    return [(cell["source"], cell["outputs"][0]["text"]) for cell in cells]


def test_it_is_made(ship: Ship, tmp_path: Path) -> None:
    """The first time all notebooks are copied, into a directory that is made; nothing is said."""
    ship("one")
    assert bring_up_to_date(tmp_path / "my" / "course") == []
    assert read(tmp_path / "my" / "course" / NAME) == [("one", "as shipped")]


def test_what_was_done_stays(ship: Ship, tmp_path: Path) -> None:
    """Where nothing new was shipped, a notebook in which somebody worked is not touched."""
    ship("one")
    bring_up_to_date(tmp_path)
    write(tmp_path / NAME, "one", "mine", output="my work")
    before = (tmp_path / NAME).read_bytes()
    assert bring_up_to_date(tmp_path) == []
    assert (tmp_path / NAME).read_bytes() == before


def test_outputs_go_into_the_new_one(ship: Ship, tmp_path: Path) -> None:
    """A later notebook takes the place of one whose cells are as they were given; what was done in
    cells that are in both is in it."""
    ship("one", "two")
    bring_up_to_date(tmp_path)
    write(tmp_path / NAME, "one", "two", output="my work")
    ship("one", "two", "three")
    assert bring_up_to_date(tmp_path) == []
    assert read(tmp_path / NAME) == [
        ("one", "my work"),
        ("two", "my work"),
        ("three", "as shipped"),
    ]
    assert [path.name for path in tmp_path.glob("*.ipynb")] == [NAME]


def test_an_untouched_one_is_replaced(ship: Ship, tmp_path: Path) -> None:
    """A notebook in which nobody worked gives way to a later one, and nothing is left of it."""
    ship("one", "two")
    bring_up_to_date(tmp_path)
    ship("one", "three")
    assert bring_up_to_date(tmp_path) == []
    assert [source for source, _ in read(tmp_path / NAME)] == ["one", "three"]
    assert [path.name for path in tmp_path.glob("*.ipynb")] == [NAME]


def test_work_that_fits_nowhere_is_kept(ship: Ship, tmp_path: Path) -> None:
    """What was done in a cell that the later notebook has not is in a file that is named."""
    for number, source in enumerate(("two", "three", "four")):
        ship("one", source)
        said = bring_up_to_date(tmp_path)
        assert bool(said) == (number > 0)
        write(tmp_path / NAME, "one", source, output=f"work {number}")
    assert "what you did in the one before is in 02-anyip.before-2.ipynb" in said[0]
    assert read(tmp_path / "02-anyip.before.ipynb") == [("one", "work 0"), ("two", "work 0")]
    assert read(tmp_path / "02-anyip.before-2.ipynb")[1] == ("three", "work 1")


def test_cells_that_were_changed_stay(ship: Ship, tmp_path: Path) -> None:
    """A notebook whose cells the trainee has changed stays, and the new one comes beside it; what
    is done in that one stays, too."""
    ship("one")
    bring_up_to_date(tmp_path)
    write(tmp_path / NAME, "mine", output="my work")
    ship("one", "two")
    assert bring_up_to_date(tmp_path) == [
        "02-anyip.ipynb has changes of yours and stays; the new one is 02-anyip.new.ipynb"
    ]
    assert read(tmp_path / NAME) == [("mine", "my work")]
    write(tmp_path / "02-anyip.new.ipynb", "one", "two", output="more work")
    bring_up_to_date(tmp_path)
    assert read(tmp_path / "02-anyip.new.ipynb") == [("one", "more work"), ("two", "more work")]


def test_a_damaged_one_stays(ship: Ship, tmp_path: Path) -> None:
    """A notebook that can't be read is somebody's all the same."""
    ship("one")
    (tmp_path / NAME).write_text("{")
    (tmp_path / ".labkernel-course.json").write_text("[")
    assert "has changes of yours" in bring_up_to_date(tmp_path)[0]
    assert (tmp_path / NAME).read_text() == "{"
    assert read(tmp_path / "02-anyip.new.ipynb") == [("one", "as shipped")]


@pytest.mark.parametrize("below", ["", "notebooks", "notebooks/new"])
def test_a_checkout_is_refused(below: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's copy is in a checkout of labkernel, whose notebooks are what tests compare."""
    checkout = Path(labs.__file__).parents[2]
    with pytest.raises(LabError, match=r"is in a checkout of labkernel .* --course DIR"):
        bring_up_to_date(checkout / below)


def test_a_place_that_can_not_be_made(ship: Ship, tmp_path: Path) -> None:
    """A directory that can't be made is told by its name."""
    ship("one")
    (tmp_path / "file").touch()
    with pytest.raises(LabError, match=r"file/course can't be made: Not a directory\. Try"):
        bring_up_to_date(tmp_path / "file" / "course")
