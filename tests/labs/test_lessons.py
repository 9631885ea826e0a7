"""Each lab has a lesson: a notebook that shows all of its steps in their order."""

import json
import re
from typing import Any

import pytest

from labkernel import Lab, labs

NAMES = labs.names()


def cells(name: str) -> list[dict[str, Any]]:
    """The cells of a lab's notebook."""
    found: list[dict[str, Any]] = json.loads(labs.notebook(name).read_text())["cells"]
    return found


def shown(name: str) -> list[str]:
    """The names in its cells that show something, in order."""
    code = ["".join(cell["source"]) for cell in cells(name) if cell["cell_type"] == "code"]
    show = re.compile(rf"show\({name.replace('-', '_')}\.(\w+)(, folded=True)?\)")
    return [m.group(1) for text in code if (m := show.fullmatch(text))]


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_shown_in_order(name: str) -> None:
    """First the lab, then each of its steps and drills, once, as they are declared."""
    lab: Lab = labs.load(name)
    module = __import__(f"labkernel.labs.{name.replace('-', '_')}", fromlist=["lab"])
    assert [getattr(module, each) for each in shown(name)] == [lab, *lab.steps, *lab.drills]


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_was_run(name: str) -> None:
    """The committed outputs are of one run, from top to bottom."""
    counts = [cell["execution_count"] for cell in cells(name) if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("name", NAMES)
def test_papermill_finds_the_parameters(name: str) -> None:
    """One cell is tagged: it says which backend, and whether the steps run by themselves."""
    tagged = [cell for cell in cells(name) if "parameters" in cell["metadata"].get("tags", ())]
    assert [[line.rstrip() for line in cell["source"][:2]] for cell in tagged] == [
        ['backend = ""', "run_steps = False"]
    ]


def test_steps_are_rightly_numbered_in_the_prose() -> None:
    """Where AnyIP's table of then and now names steps, they are there."""
    text = "".join(line for cell in cells("anyip") for line in cell["source"])
    rows = re.findall(r"\| ([\d, ]+|\d+ to \d+) \|$", text, re.MULTILINE)
    numbers = {int(number) for row in rows for number in re.findall(r"\d+", row)}
    assert numbers
    assert numbers <= set(range(1, len(labs.load("anyip").steps) + 1))
