"""docs/originals.md: the steps and sentences that it names exist, and its numbers are right."""

import re
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

from labkernel import labs

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs/originals.md").read_text()
POSTS = 10
NOT_YET = "not yet"
_STEP = re.compile(r"`([a-z0-9-]+): ([a-z0-9-]+)`")
_SENTENCE = re.compile(r"(\d\d) “([^”]+)”")


class Row(NamedTuple):
    """A row of a table: the statement, and where it is run or discussed."""

    statement: str
    where: str


def rows(page: str) -> list[Row]:
    """The rows of all tables, without their headings."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    assert all(len(each) == 3 for each in cells), [each for each in cells if len(each) != 3]
    found = [Row(statement.strip(), where.strip()) for statement, where, _ in cells]
    return [row for row in found if row.where != "where"]


ROWS = rows(PAGE)


def joined(text: str) -> str:
    """The text with each run of white space as one space."""
    return " ".join(text.split())


def notebooks(number: str) -> list[Path]:
    """The notebooks with this number: a lab may have several."""
    paths = sorted(TOP.glob(f"notebooks/{number}-*.ipynb"))
    assert paths, f"no notebook has the number {number}"
    return paths


def prose(number: str) -> str:
    """The Markdown of the notebooks with this number."""
    cells = [each for path in notebooks(number) for each in nbformat.read(path, 4).cells]
    return joined("\n".join(each.source for each in cells if each.cell_type == "markdown"))


def texts(number: str) -> str:
    """The titles, tasks and hints of the steps of the notebook's lab."""
    name = notebooks(number)[0].stem.partition("-")[2].partition(".")[0]
    steps = labs.load(name).steps
    return joined("\n".join(" ".join([each.title, each.about, *each.hints]) for each in steps))


def test_each_post_has_its_section() -> None:
    """Ten posts, and none without rows."""
    sections = PAGE.split("\n## ")[1:]
    assert len(sections) == POSTS
    assert all(rows(each) for each in sections)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.statement[:60])
def test_a_row_says_where(row: Row) -> None:
    """A row names steps and sentences, or says that there are none yet; and nothing else."""
    if row.where == NOT_YET:
        return
    rest = _SENTENCE.sub("", _STEP.sub("", row.where))
    assert not rest.replace(",", "").strip(), f"neither a step nor a sentence: {rest!r}"


@pytest.mark.parametrize(
    "lab", sorted({lab for row in ROWS for lab, _ in _STEP.findall(row.where)})
)
def test_the_steps_exist(lab: str) -> None:
    """Each step that is named is one of the lab's."""
    named = {step for row in ROWS for of, step in _STEP.findall(row.where) if of == lab}
    assert named <= {each.name for each in labs.load(lab).steps}


@pytest.mark.parametrize(
    ("number", "words"), [each for row in ROWS for each in _SENTENCE.findall(row.where)]
)
def test_the_sentences_stand_there(number: str, words: str) -> None:
    """Each sentence that is quoted is in the notebook's prose, or in a text of its steps."""
    assert joined(words) in prose(number) or joined(words) in texts(number)


def test_the_numbers_are_right() -> None:
    """The page says how many rows it has, how many say `not yet`, and how many name no step."""
    found = re.search(r"Of (\d+) rows, (\d+) say `not yet`: .*; (\d+) name no step", PAGE)
    assert found, "its top does not say how many rows there are"
    missing = sum(row.where == NOT_YET for row in ROWS)
    only_told = sum(not _STEP.search(row.where) for row in ROWS) - missing
    assert [int(each) for each in found.groups()] == [len(ROWS), missing, only_told]
