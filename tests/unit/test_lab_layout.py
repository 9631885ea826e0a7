"""The layout of labs: each is a package with the same files."""

from pathlib import Path

import pytest

LABS = Path(__file__).parents[2] / "labkernel/labs"

#: each is a file, or a directory with a file for each part of the lesson
_KINDS = ("steps", "checks", "commands", "mistakes", "views")
_REQUIRED = ("steps", "mistakes")
_FILES = {"__init__.py", "topology.py", "DECISIONS.md"}


def _labs() -> list[Path]:
    """The directory of each lab, and the file of one that is none."""
    return sorted(path for path in LABS.iterdir() if not path.name.startswith(("_", ".")))


def _parts(lab: Path, kind: str) -> set[str]:
    return {path.stem for path in (lab / kind).glob("*.py")} - {"__init__"}


each_lab = pytest.mark.parametrize("lab", _labs(), ids=lambda path: path.stem)


@each_lab
def test_a_lab_is_a_package(lab: Path) -> None:
    """A lab is a package, whose topology is in a file of its own."""
    assert lab.is_dir()
    assert (lab / "topology.py").is_file()


@each_lab
def test_a_lab_has_these_files_alone(lab: Path) -> None:
    """Beside its topology a lab has steps, checks, commands, mistakes and views, nothing else."""
    allowed = _FILES | {f"{kind}.py" for kind in _KINDS} | {*_KINDS, "__pycache__"}
    assert {path.name for path in lab.iterdir()} - allowed == set()


@each_lab
def test_a_kind_is_a_file_or_a_directory(lab: Path) -> None:
    """Of each kind there is a file or a package, not both; steps and mistakes always."""
    for kind in _KINDS:
        file, package = (lab / f"{kind}.py").is_file(), (lab / kind / "__init__.py").is_file()
        assert not (file and package), kind
        assert file or package or (kind not in _REQUIRED and not (lab / kind).exists()), kind


@each_lab
def test_parts_have_the_same_names(lab: Path) -> None:
    """Checks and mistakes of a part of the lesson have the name of that part's steps; commands and
    views may have further files, of what several parts use."""
    parts = _parts(lab, "steps")
    for kind in ("checks", "mistakes"):
        assert _parts(lab, kind) <= parts, kind
