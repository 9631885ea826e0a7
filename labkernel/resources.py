"""Where things are: the course that belongs to this labkernel, and what it keeps for its user.

The notebooks and the recipes of images are folders beside the package in a checkout; a wheel
brings them inside of it.
"""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
#: where the wheel has them, see pyproject.toml
_INSIDE = _PACKAGE / "shipped"


def directory(name: str) -> Path:
    """The folder `notebooks` or `images`; it may be missing where the package was cut apart."""
    inside = _INSIDE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def checkout_at(path: Path) -> Path | None:
    """The checkout of labkernel that a path is in or is, if any."""
    return next(
        (
            each
            for each in (path, *path.parents)
            if (each / "labkernel" / "resources.py").is_file() and (each / "notebooks").is_dir()
        ),
        None,
    )


def cache() -> Path:
    """The directory in which labkernel keeps what it can make again; it may not exist yet."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    # a relative one is to be ignored: XDG Base Directory Specification
    return (Path(given) if os.path.isabs(given) else Path.home() / ".cache") / "labkernel"  # noqa: PTH117


def state() -> Path:
    """The directory in which labkernel keeps what its user did; it may not exist yet."""
    given = os.environ.get("XDG_STATE_HOME", "")
    base = Path(given) if os.path.isabs(given) else Path.home() / ".local" / "state"  # noqa: PTH117
    return base / "labkernel"


def listed(variable: str) -> list[Path]:
    """The directories that a variable of the environment names, as PATH does; ``~`` is home."""
    given = os.environ.get(variable, "").split(os.pathsep)
    return [Path(each).expanduser().absolute() for each in given if each.strip()]


def fix(variable: str) -> None:
    """Have processes that are started in another directory find the same directories."""
    if os.environ.get(variable):
        os.environ[variable] = os.pathsep.join(map(str, listed(variable)))
