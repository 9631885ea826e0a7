"""The layers of labkernel: each imports only what stands above it."""

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "labkernel"

LAYERS = (
    "errors",
    "resources",
    "settings",
    "files",
    "plain",
    "linux",
    "refusals",
    "user_namespace",
    "in_namespace",
    "importing",
    "inotify",
    "plugins",
    "memory",
    "picture",
    "progress",
    "command",
    "needs",
    "topology",
    "packets",
    "attempt",
    "evaluation",
    "observing",
    "checks",
    "mistakes",
    "steps",
    "drills",
    "lab",
    "outcomes",
    "transcript",
    "images",
    "vm",
    "backends",
    "engine",
    "record",
    "running",
    "",  # labkernel itself: the public names, from here on down
    "labs",
    "proving",
    "doctor",
    "notebook",
    "cli",
    "testing",
)

#: lines that a file, and the two classes that everything goes through, may have
_LONGEST, _CORE = 300, {"lab.py": "Lab", "running/lab.py": "RunningLab"}

# What takes long to import is imported in the function that uses it.
SLOW = {"anywidget", "docker", "ipywidgets", "IPython", "matplotlib", "nbconvert", "numpy"}
SLOW |= {"pandas", "papermill", "paramiko", "pyroute2", "rich"}
WIDGETS = {"anywidget", "ipywidgets"}

# Modules and layers that are themselves imported late.
ALLOWED = {"notebook": WIDGETS, "labkernel.backends.namespaces.network": {"pyroute2"}}


class Imports(ast.NodeVisitor):
    """The modules that a source file imports, also those that it needs for annotations only."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.depth = 0
        self.anywhere: set[str] = set()
        self.at_import: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        """What stands under `if TYPE_CHECKING:` is needed as well, if not at run time."""
        late = ast.unparse(node.test).endswith("TYPE_CHECKING")
        self.depth += late
        self.generic_visit(node)
        self.depth -= late

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Imports in a function are made when it is called."""
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 (ast's own spelling)

    def visit_Import(self, node: ast.Import) -> None:
        """`import a.b`."""
        self._add(alias.name for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from a import b`, where b may be a module; relative ones as well."""
        base = node.module or ""
        if node.level:
            parents = self.package.split(".")[: 1 - node.level or None]
            base = ".".join([*parents, *([base] if base else [])])
        if base == "labkernel":
            self._add(f"labkernel.{alias.name}" for alias in node.names)
        else:
            self._add([base])

    def _add(self, names: Iterator[str] | list[str]) -> None:
        for name in names:
            self.anywhere.add(name)
            if not self.depth:
                self.at_import.add(name)


def modules() -> dict[str, Path]:
    """Each source file of labkernel by its module's name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> Imports:
    """What a source file imports."""
    parents = path.relative_to(PACKAGE.parent).parent.parts
    found = Imports(".".join(parents))
    found.visit(ast.parse(path.read_text(), str(path)))
    return found


def layer(module: str) -> str:
    """The layer of a module of labkernel; a name that is no module is one of its public names."""
    name = module.removeprefix("labkernel").removeprefix(".").partition(".")[0]
    is_module = (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()
    return name if is_module else ""


def tops(names: set[str]) -> set[str]:
    """The packages that modules are in."""
    return {name.partition(".")[0] for name in names}


def ours(names: set[str]) -> set[str]:
    """Those names that are labkernel's."""
    return {name for name in names if name.partition(".")[0] == "labkernel"}


MODULES = modules()
IMPORTS = {module: imports(path) for module, path in MODULES.items()}


def test_every_module_has_a_layer() -> None:
    """A new module gets its place in LAYERS."""
    assert [module for module in MODULES if layer(module) not in LAYERS] == []


def test_labs_use_public_names_only() -> None:
    """What a lab can do, anyone's lab can do."""
    private = [
        f"{module}: {alias.name}"
        for module, path in MODULES.items()
        if layer(module) == "labs"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert private == []


def test_imports_point_upwards() -> None:
    """A module imports its own layer and those above it, never one below."""
    below = [
        f"{module} is above {name}"
        for module, found in IMPORTS.items()
        if module != "labkernel"  # it has names of all layers, which are resolved late
        for name in ours(found.anywhere)
        if LAYERS.index(layer(name)) > LAYERS.index(layer(module))
    ]
    assert below == []


def _edges() -> dict[str, set[str]]:
    """What each module imports, of the package's own; a name of a package is its module."""
    found: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                below = {f"{node.module}.{alias.name}" for alias in node.names}
                names |= {name if name in MODULES else node.module for name in below}
        found[module] = {name for name in names if name in MODULES and name != module}
    return found


def test_no_module_needs_itself() -> None:
    """Modules import each other in no circle, annotations and late imports counted."""
    sorter = graphlib.TopologicalSorter(_edges())
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        pytest.fail(" ← ".join(error.args[1]))


def test_the_public_names_are_lazy() -> None:
    """`labkernel` itself imports nothing of its own until a name is used."""
    assert not ours(IMPORTS["labkernel"].at_import)


def test_only_the_notebook_knows_widgets() -> None:
    """Nothing but labkernel/notebook imports widgets, not even in a function."""
    others = {module: tops(found.anywhere) & WIDGETS for module, found in IMPORTS.items()}
    assert {
        module for module, known in others.items() if known and layer(module) != "notebook"
    } == (set())


def test_slow_libraries_are_imported_where_they_are_used() -> None:
    """Every notebook's start and every command pays for what is imported at the top of a file."""
    early = {}
    for module, found in IMPORTS.items():
        allowed = ALLOWED.get(module, ALLOWED.get(layer(module), set()))
        if names := tops(found.at_import) & (SLOW - allowed):
            early[module] = names
    assert early == {}


@pytest.mark.parametrize(
    "module",
    ["labkernel.lab", "labkernel.backends.namespaces", "labkernel.labs.anyip", "labkernel.cli"],
)
def test_nothing_slow_is_loaded_before_it_is_used(module: str) -> None:
    """Neither declaring a lab nor starting the command loads a slow library, by whatever way."""
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not set(loaded.stdout.split()) & SLOW


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import labkernel.lab", {"labkernel.lab"}),
        ("from labkernel import lab", {"labkernel.lab"}),
        ("from ..lab import Lab", {"labkernel.lab"}),
        ("from .. import lab", {"labkernel.lab"}),
        ("from .base import Backend", {"labkernel.backends.base"}),
        ("def f():\n    import labkernel.cli", {"labkernel.cli"}),
        ("if TYPE_CHECKING:\n    import labkernel.lab", {"labkernel.lab"}),
    ],
)
def test_every_form_of_import_is_seen(source: str, expected: set[str]) -> None:
    """An import can't hide in another spelling or in a function."""
    found = Imports("labkernel.backends")
    found.visit(ast.parse(source))
    assert ours(found.anywhere) == expected


def test_files_stay_small() -> None:
    """No file has more than 300 lines, and the declaration and the running lab have fewer than 250:
    what grows beyond that is more than one thing."""
    lengths = {path: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {path: length for path, length in lengths.items() if length > _LONGEST} == {}
    for file, name in _CORE.items():
        found = {
            each.name: each
            for each in ast.parse((PACKAGE / file).read_text()).body
            if isinstance(each, ast.ClassDef)
        }
        assert (found[name].end_lineno or 0) - found[name].lineno < 250
