"""The proof that the cells of a lab's notebooks name what their lab has."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from labkernel import labs
from labkernel.errors import LabError
from labkernel.lab import Lab
from labkernel.proving.cases import Kind
from labkernel.proving.holding import NotProved

_LABS = "labkernel.labs"


@dataclass(frozen=True)
class NotebookCase:
    """A notebook of a lab, the first or a further part, to be compared with it."""

    path: Path

    kind: ClassVar[Kind] = "notebook"

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self.path.name


def notebook_cases_of(lab: Lab) -> list[NotebookCase]:
    """Its notebooks; a lab may have none."""
    with suppress(labs.NoNotebook):
        return [NotebookCase(path) for path in labs.notebooks(lab.name)]
    return []


def prove_notebook(case: NotebookCase) -> None:
    """Show that each name of a lab's module that a cell uses is there: a step that was renamed or
    taken away would fail when somebody runs the cell.

    :raises NotProved: one is not.
    """
    modules: dict[str, ModuleType] = {}
    for index, cell in enumerate(labs.cells(case.path), start=1):
        if cell["cell_type"] == "code":
            for name in _missing("".join(cell["source"]), modules):
                raise NotProved(f"{case.path}: cell {index} names {name}, which is not there")


def _missing(source: str, modules: dict[str, ModuleType]) -> Iterator[str]:
    """Names that a cell takes from modules of labs, and that these don't have.

    :param modules: those that were imported before, by the names they have in the notebook.
    """
    nodes = list(ast.walk(_parsed(source)))
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_LABS):
            yield from _imported(node, modules)
        elif isinstance(node, ast.Import):
            _bind(node, modules)
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module and not hasattr(module, node.attr):
                yield f"{node.value.id}.{node.attr}"


def _parsed(source: str) -> ast.AST:
    """Python of a cell; lines of IPython's, and what follows a magic of cells, are none."""
    if source.lstrip().startswith("%%"):
        return ast.Module([], [])
    lines = ("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module([], [])  # whoever runs it is told


def _imported(node: ast.ImportFrom, modules: dict[str, ModuleType]) -> Iterator[str]:
    """Take note of the modules of an import, and give the names that can't be imported."""
    for alias in node.names:
        value = _attribute(node.module or "", alias.name)
        if value is None:
            yield f"{node.module}.{alias.name}"
        elif isinstance(value, ModuleType):
            modules[alias.asname or alias.name] = value


def _attribute(module: str, name: str) -> object:
    """The object that ``from module import name`` gives; ``None`` if that fails."""
    try:
        found: object = getattr(import_module(module), name, None)
        inside = f"{module}.{name}"
        return import_module(inside) if found is None and find_spec(inside) else found
    except ImportError:
        return None


def _bind(node: ast.Import, modules: dict[str, ModuleType]) -> None:
    for alias in node.names:
        if alias.asname and alias.name.startswith(_LABS):
            with suppress(ImportError, LabError):
                modules[alias.asname] = import_module(alias.name)
