"""What ARCHITECTURE.md names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text()
PATHS = [
    re.findall(r"^\| \d+ \| `([^`]+)`", section, re.MULTILINE)
    for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)
    if section.startswith("The path")
]


def test_there_are_two_paths() -> None:
    """A click's, and that of a headless run."""
    assert [len(path) for path in PATHS] == [10, 8]


@pytest.mark.parametrize("module", [module for path in PATHS for module in path])
def test_each_module_exists(module: str) -> None:
    """A module that the page names is in the package."""
    assert (ROOT / "labkernel" / module).exists()


def test_each_is_passed_once() -> None:
    """No path passes a module twice in one direction."""
    assert all(len(path) == len(set(path)) for path in PATHS)
