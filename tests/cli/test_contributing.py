"""What CONTRIBUTING.md says of adding a lab or a backend is so, to the letter."""

import inspect
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from labkernel import RunningLab
from labkernel.backends import capabilities
from labkernel.backends.base import Backend
from labkernel.testing import prove_check
from tests.cli.conftest import COMMAND

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def _section(title: str) -> str:
    return re.split(r"^## ", TEXT.partition(f"## {title}\n")[2], flags=re.MULTILINE)[0]


def _block(section: str, language: str) -> str:
    found = re.search(rf"^( *)```{language}\n(.*?)^ *```", section, re.MULTILINE | re.DOTALL)
    assert found
    return re.sub(rf"^{found[1]}", "", found[2], flags=re.MULTILINE)


def test_core_of_a_backend() -> None:
    """It names every method that a backend must have, and every capability, and no other."""
    section = _section("Add a backend")
    core = section[section.index("with its core") : section.index("If commands reach")]
    assert set(re.findall(r"`(\w+)\(", core)) == Backend.__abstractmethods__
    protocols = {
        name
        for name, each in inspect.getmembers(capabilities, inspect.isclass)
        if getattr(each, "_is_protocol", False) and each.__module__ == capabilities.__name__
    }
    named = section[section.index("capabilities.py`:") : section.index("List the features")]
    assert set(re.findall(r"`(\w+)`", named.partition(":")[2])) == protocols


def test_entry_point_of_a_backend() -> None:
    """Its entry point is that of the package which tests/backends installs."""
    given = tomllib.loads((ROOT / "tests/backends/package/pyproject.toml").read_text())
    shown = tomllib.loads(_block(_section("Add a backend"), "toml"))
    assert shown["project"]["entry-points"] == given["project"]["entry-points"]


@pytest.mark.backend
def test_a_lab_as_it_is_shown(
    tmp_path: Path, runtime_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lab that it shows is one: it is found, and each of its checks is proved."""
    source = _block(_section("Add a lab"), "python")
    (tmp_path / "subnet.py").write_text(source)
    done = subprocess.run(
        [*COMMAND, "steps", "subnet"],
        env=os.environ | {"LABKERNEL_LABS": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    monkeypatch.syspath_prepend(tmp_path)
    import subnet  # type: ignore[import-not-found]

    with RunningLab(subnet.lab, options={"linger": 0}) as running:
        for step in subnet.lab.steps:
            prove_check(running, step, fresh=False)
