"""The words of the code: docstrings and names are in plain technical English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "labkernel"

#: folders and files that have not been rewritten yet: remove each from here when it has been
LEFT_OUT: tuple[str, ...] = ()

#: a first line says what the thing is or does: "The path of …", "Check if …"
_OPENS = re.compile(r"(What|Whether|Of|Where|Who|That|Those|So)\b")

#: names that were replaced, with the better one
REPLACED = {
    "lasting": "permanent",
    "left_out": "truncated",
    "memo": "state",
    "mend_first": "fix_first",
    "not_run": "skip_reason",
    "place": "index, path, directory",
    "places": "paths, positions",
    "told": "reply, message, description",
    "unable": "requires",
    "why_not": "skip_reason",
}

Defines = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _files() -> list[Path]:
    left_out = [PACKAGE / each for each in LEFT_OUT]
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if not any(path.is_relative_to(each) for each in left_out)
    ]


def docstrings(source: str) -> Iterator[str]:
    """The docstrings of a module, its classes and its functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | Defines) and (text := ast.get_docstring(node)):
            yield text


def defined(source: str) -> set[str]:
    """The names that a module defines: functions, classes, parameters, variables, attributes."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Defines):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return {name.strip("_") for name in found}


def test_docstrings_open_with_the_subject() -> None:
    """A docstring's first line names the thing or what it does, and not "What …" or "Whether …"."""
    wrong = [
        f"{path.relative_to(PACKAGE)}: {text.splitlines()[0]}"
        for path in _files()
        for text in docstrings(path.read_text())
        if _OPENS.match(text)
    ]
    assert wrong == []


def test_no_shall() -> None:
    """Neither code nor comments say "shall"."""
    assert [path for path in _files() if re.search(r"\bshall\b", path.read_text())] == []


def test_replaced_names_do_not_return() -> None:
    """A name that was replaced by the field's own term is not used again."""
    wrong = {
        f"{path.relative_to(PACKAGE)}: {name}, better {REPLACED[name]}"
        for path in _files()
        for name in defined(path.read_text()) & REPLACED.keys()
    }
    assert wrong == set()


@pytest.mark.parametrize("source", ['"""What it is."""', 'def f():\n    """Whether."""'])
def test_a_wrong_opening_is_seen(source: str) -> None:
    """The docstrings of modules and of functions are looked at."""
    assert [text for text in docstrings(source) if _OPENS.match(text)]


@pytest.mark.parametrize(
    "source", ["told = 1", "def told(): ...", "def f(_told): ...", "class A:\n  told: int = 1"]
)
def test_a_replaced_name_is_seen(source: str) -> None:
    """Names of functions, parameters and variables are looked at."""
    assert "told" in defined(source)


def test_left_out_files_exist() -> None:
    """What is left out is there: a file that was renamed is looked at again."""
    assert [each for each in LEFT_OUT if not (PACKAGE / each).exists()] == []
