"""Backends and labs of other packages, registered by entry points."""

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from labkernel.errors import shown

BACKENDS = "labkernel.backends"
LABS = "labkernel.labs"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@cache
def registered(group: str) -> dict[str, str]:
    """The entry points of a group: names, and their values (``module`` or ``module:object``);
    without invalid names.

    Reading the metadata of all installed packages takes some 20 ms: it is done to list names, and
    for names that are not labkernel's own.
    """
    return {name: where for name, where in _all(group) if _NAME.fullmatch(name)}


def _all(group: str) -> list[tuple[str, str]]:
    from importlib.metadata import entry_points

    return [(each.name, each.value) for each in entry_points(group=group)]


def problems(group: str, taken: list[str]) -> list[str]:
    """The entry points of a group that can't be used, a sentence each.

    :param taken: the names of labkernel's own.
    """
    what = group.rpartition(".")[2].removesuffix("s")
    found = []
    for name, where in _all(group):
        if not _NAME.fullmatch(name):
            why = "is not used: a name has lower-case letters, digits and hyphens"
            found.append(f'{what} "{shown(name)}" of {shown(where)} {why}')
        elif name in taken:
            why = "is not used: labkernel has one with this name"
            found.append(f'{what} "{name}" of {shown(where)} {why}')
    return found


def file_of(module: str) -> Path | None:
    """The file of a module, found without importing it; ``None`` if there is none."""
    path, found = None, None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        found = _spec(name, path) if part else None
        if found is None:
            return None
        imported = sys.modules.get(name)  # its own __getattr__ is not called
        known = vars(imported).get("__path__") if imported else None
        path = known or found.submodule_search_locations
    file = Path(found.origin) if found and found.origin else None
    return file if file and file.suffix == ".py" else None


def _spec(name: str, path: Any) -> Any:
    for finder in sys.meta_path:
        if (look := getattr(finder, "find_spec", None)) and (found := look(name, path)):
            return found
    return None


def notebook_directories() -> list[Path]:
    """The directories for notebooks of registered labs: that of the lab's module, and
    ``notebooks`` in it."""
    files = filter(None, map(file_of, registered(LABS).values()))
    return [each for file in files for each in (file.parent, file.parent / "notebooks")]
