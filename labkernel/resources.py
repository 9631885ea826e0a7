"""The directories of the course that belongs to this labkernel, and of its cache and state.

The notebooks and the recipes of images are directories beside the package in a checkout; in a
wheel they are inside it.
"""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
#: their directory in a wheel, see pyproject.toml
_INSIDE = _PACKAGE / "shipped"


def directory(name: str) -> Path:
    """The directory `notebooks` or `images`; it is missing if only the package was copied."""
    inside = _INSIDE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def checkout_at(path: Path) -> Path | None:
    """The checkout of labkernel that contains a path; ``None`` if there is none."""
    return next(
        (
            each
            for each in (path, *path.parents)
            if (each / "labkernel" / "resources.py").is_file() and (each / "notebooks").is_dir()
        ),
        None,
    )


def cache() -> Path:
    """The directory for data that labkernel can make again; it may not exist yet."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    # a relative one is to be ignored: XDG Base Directory Specification
    return (Path(given) if os.path.isabs(given) else Path.home() / ".cache") / "labkernel"  # noqa: PTH117


def state() -> Path:
    """The directory for the trainee's record; it may not exist yet."""
    given = os.environ.get("XDG_STATE_HOME", "")
    base = Path(given) if os.path.isabs(given) else Path.home() / ".local" / "state"  # noqa: PTH117
    return base / "labkernel"


def listed(variable: str) -> list[Path]:
    """The directories in an environment variable, separated as in PATH; ``~`` is home."""
    given = os.environ.get(variable, "").split(os.pathsep)
    return [Path(each).expanduser().absolute() for each in given if each.strip()]


def fix(variable: str) -> None:
    """Make the paths in an environment variable absolute, for processes in other directories."""
    if os.environ.get(variable):
        os.environ[variable] = os.pathsep.join(map(str, listed(variable)))
