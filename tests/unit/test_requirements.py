"""What is installed is what pyproject.toml asks for, on every machine, from any index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
RUNTIME = [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]
GROUPS = PYPROJECT["dependency-groups"]
SETUP = [Requirement(text) for text in GROUPS["setup"]]
DEV = [Requirement(text) for text in GROUPS["dev"] if isinstance(text, str)]
LOCK = (TOP / "requirements.lock").read_text()
LOCK_OF_DEVELOPERS = (TOP / "requirements-dev.lock").read_text()
CONDA_NAMES = {"docker": "docker-py", "matplotlib": "matplotlib-base"}


def locked(lock: str = LOCK) -> dict[str, set[str]]:
    """The versions of each package in the lock: more than one where Pythons differ."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


@pytest.mark.parametrize(
    "requirement", [*RUNTIME, *SETUP, *DEV], ids=lambda requirement: requirement.name
)
def test_the_lock_has_what_pyproject_asks_for(requirement: Requirement) -> None:
    """After a change of pyproject.toml, `make lock` was run."""
    lock = LOCK_OF_DEVELOPERS if requirement in DEV else LOCK
    versions = locked(lock)[canonicalize_name(requirement.name)]
    assert all(version in requirement.specifier for version in versions)


def test_trainees_have_no_tools_of_developers() -> None:
    """What make setup installs for a trainee has nothing that only developers need; developers have
    the same and more."""
    mine, theirs = locked(LOCK_OF_DEVELOPERS), locked()
    assert not {canonicalize_name(each.name) for each in DEV} & set(theirs)
    assert theirs.items() <= mine.items()


@pytest.mark.parametrize("lock", [LOCK, LOCK_OF_DEVELOPERS], ids=["trainees", "developers"])
def test_the_lock_has_hashes_and_no_address(lock: str) -> None:
    """Files are checked by their hash and may come from any index."""
    entries = re.split(
        r"^(?=\S)", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE), flags=re.MULTILINE
    )
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip())
    assert not re.search(r"://|^-", lock, re.MULTILINE)


def test_no_jupyter_process_pays_for_rfc3987_syntax() -> None:
    """It costs each of them two seconds of CPU time at its start."""
    assert "rfc3987-syntax" not in locked()


@pytest.mark.parametrize("requirement", RUNTIME, ids=lambda requirement: requirement.name)
def test_conda_users_get_the_same(requirement: Requirement) -> None:
    """environment.yml names every runtime dependency with the bounds of pyproject.toml."""
    name = CONDA_NAMES.get(requirement.name, requirement.name)
    assert f"\n  - {name} {requirement.specifier} " in (TOP / "environment.yml").read_text()
