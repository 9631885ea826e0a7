"""What other packages add to labkernel, by entry points: backends and labs."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

BACKENDS = "labkernel.backends"
LABS = "labkernel.labs"


@cache
def registered(group: str) -> dict[str, str]:
    """What is registered in a group: names, and where each is (``module`` or ``module:object``).

    To look through all installed packages takes some 20 ms: it is done where things are listed, or
    one is not found otherwise.
    """
    from importlib.metadata import entry_points

    return {each.name: each.value for each in entry_points(group=group)}


def file_of(module: str) -> Path | None:
    """The file of a module; ``None`` where it can't be found."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin else None


def notebook_directories() -> list[Path]:
    """Where the notebooks of registered labs can be: beside the lab's module, or in ``notebooks``
    there."""
    files = filter(None, map(file_of, registered(LABS).values()))
    return [place for file in files for place in (file.parent, file.parent / "notebooks")]
