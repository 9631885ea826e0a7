"""The trainee's own copy of the course: `labkernel open` works on it, and never on what is shipped.

::

    ~/labkernel-course/
        02-anyip.ipynb          as shipped, with what the trainee did in it
        02-anyip.new.ipynb      a later one, beside one whose cells the trainee has changed
        02-anyip.before.ipynb   an earlier one, whose work does not fit into the later one
        .labkernel-course.json  which cells each was given with

What the trainee did is never written over.  A notebook whose cells are as they were given is
brought up to date: cells that are the same in both keep their outputs.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from labkernel import files, labs, resources
from labkernel.errors import LabError, shown

#: where the course is copied to, if nobody says otherwise
DEFAULT = Path("~/labkernel-course")
_KNOWN = ".labkernel-course.json"

Cells = list[dict[str, Any]]


def bring_up_to_date(target: Path) -> list[str]:
    """Make the copy, or bring it up to date.

    :returns: a sentence for each notebook of which there are two now.
    :raises LabError: it is a checkout of labkernel, or can't be written.
    """
    _require_no_checkout(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"{shown(target)} can't be made: {error.strerror}", "labkernel open --course DIR"
        ) from None
    given = _given(target)
    record = [
        _one(notebook, target / notebook.name, given) for notebook in labs.shipped_notebooks()
    ]
    files.write(target / _KNOWN, json.dumps(given, indent=1).encode())
    return [sentence for sentence in record if sentence]


def _require_no_checkout(target: Path) -> None:
    if checkout := resources.checkout_at(target.resolve()):
        raise LabError(
            f"{shown(target)} is in a checkout of labkernel ({shown(checkout)}), whose "
            "notebooks must stay as they are",
            "labkernel open --course DIR with another directory",
        )


def _given(target: Path) -> dict[str, str]:
    """By the name of each notebook the digest of the cells that it was given with; by the digest of
    a file that it was given whole."""
    try:
        record = json.loads(files.read(target / _KNOWN, 1 << 20))
    except (OSError, ValueError):  # there is none yet, or it is damaged: then all count as changed
        return {}
    return record if isinstance(record, dict) else {}


def _one(notebook: Path, mine: Path, given: dict[str, str]) -> str:
    """Copy a notebook; says what there is now, where that is not what one would expect."""
    digest = _digest(labs.cells(notebook))
    if not mine.exists() or (given.get(mine.name) != digest and _is_untouched(mine, given)):
        files.write(mine, notebook.read_bytes())
        given[files.sha256(mine)] = mine.name
    elif given.get(mine.name) != digest:
        return _update(notebook, mine, given)
    given[mine.name] = digest
    return ""


def _is_untouched(mine: Path, given: dict[str, str]) -> bool:
    return mine.is_file() and given.get(files.sha256(mine)) == mine.name


def _update(notebook: Path, mine: Path, given: dict[str, str]) -> str:
    """There is a later notebook than the one that was given, in which somebody worked."""
    old, new = _read(mine), json.loads(notebook.read_bytes())
    digest, cells = _digest(new["cells"]), _digest(old["cells"]) if old else ""
    if old is None or cells not in (digest, given.get(mine.name)):
        beside = mine.with_suffix(".new.ipynb")
        _one(notebook, beside, given)  # somebody may have worked in that one, too
        return f"{mine.name} has changes of yours and stays; the new one is {beside.name}"
    given[mine.name] = digest
    return "" if cells == digest else _replace(mine, old["cells"], new)


def _replace(mine: Path, old: Cells, new: dict[str, Any]) -> str:
    """Put the new one into its place, with what was done in the old one."""
    said = ""
    if _keep_outputs(old, new["cells"]):
        beside = _free(mine.with_suffix(".before.ipynb"))
        mine.rename(beside)
        said = f"{mine.name} is a new one; what you did in the one before is in {beside.name}"
    files.write(mine, json.dumps(new, indent=1, ensure_ascii=False).encode() + b"\n")
    return said


def _keep_outputs(old: Cells, new: Cells) -> bool:
    """Give cells that are in both the old ones' outputs; says whether any are left over."""
    known = {_source(cell): cell.get("outputs") for cell in old if cell["cell_type"] == "code"}
    for cell in new:
        if cell["cell_type"] == "code" and _source(cell) in known:
            cell["outputs"] = known.pop(_source(cell))
    return any(known.values())


def _read(notebook: Path) -> dict[str, Any] | None:
    """A notebook that can be used; None if it is damaged."""
    try:
        labs.cells(notebook)
        record: dict[str, Any] = json.loads(notebook.read_bytes())
    except (labs.BrokenLab, OSError, ValueError):
        return None
    return record


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _digest(cells: Iterable[dict[str, Any]]) -> str:
    """Changes with the kind and the source of any cell, not with outputs or metadata."""
    record = json.dumps([(cell["cell_type"], _source(cell)) for cell in cells])
    return hashlib.sha256(record.encode()).hexdigest()


def _free(path: Path) -> Path:
    """The path, or one like it that nobody has taken."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name.removesuffix('.ipynb')}-{number}.ipynb")
    return found
