"""The labs by name: a module each, and a notebook of the same name.

The lab ``prefix-delegation`` is the attribute `lab` of :mod:`labkernel.labs.prefix_delegation`, and
its notebook is ``notebooks/NN-prefix-delegation.ipynb``.  LABKERNEL_LABS names a further directory
of both, for labs of your own; LABKERNEL_NOTEBOOKS another place of ``notebooks``.
"""

import os
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from labkernel.errors import LabError

if TYPE_CHECKING:
    from labkernel.lab import Lab

#: the notebook that is the course's index
START = "start"

if _more := os.environ.get("LABKERNEL_LABS", ""):
    __path__.append(_more)


def names() -> list[str]:
    """The names of all labs, in the order of their notebooks."""
    found = [module.name for module in pkgutil.iter_modules(__path__)]
    labs = [name.replace("_", "-") for name in found if not name.startswith("_")]
    place = {path.stem.partition("-")[2]: path.stem for path in _notebooks()}
    return sorted(labs, key=lambda name: (place.get(name, "~"), name))


def load(name: str) -> "Lab":
    """The lab of that name.

    :raises LabError: there is none.
    """
    if name not in names():
        raise LabError(_unknown(name))
    lab: Lab = import_module(f"labkernel.labs.{name.replace('-', '_')}").lab
    return lab


def notebook(name: str) -> Path:
    """The notebook of that lab, or with :data:`START` of the index.

    :raises LabError: there is no such lab, or it has no notebook.
    """
    for path in _notebooks():
        if path.stem.partition("-")[2] == name:
            return path
    if name != START and name not in names():
        raise LabError(_unknown(name))
    raise LabError(
        f"there is no notebook NN-{name}.ipynb in {' or '.join(map(str, _directories()))}. "
        "Try: set LABKERNEL_NOTEBOOKS to the notebooks directory of a labkernel checkout"
    )


def _directories() -> list[Path]:
    given = os.environ.get("LABKERNEL_NOTEBOOKS", "")
    own = Path(given) if given else Path(__file__).resolve().parents[2] / "notebooks"
    return [own, *map(Path, __path__[1:])]


def _notebooks() -> list[Path]:
    return sorted(path for each in _directories() for path in each.glob("[0-9][0-9]-*.ipynb"))


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, names(), n=1, cutoff=0.5)
    meant = f'did you mean "{near[0]}"? ' if near else ""
    return f'there is no lab "{name}"; {meant}labs: {", ".join(names()) or "none"}'
