"""Packages that add backends and labs: what is wrong with one is told, and hides nothing else."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.backend

_MODULES = {
    "syntax": "this is no Python",
    "raises": "raise RuntimeError('no')",
    "exits": "import os; os._exit(0)",
    "leaves": "raise SystemExit(0)",
    "other": "class It: pass",
    "half": "from labkernel.backends.base import Backend\nclass It(Backend): name = 'half'",
    "wants": (
        "from labkernel.testing import FakeBackend\n"
        "class It(FakeBackend):\n"
        "    def __init__(self, needed, **_): pass\n"
    ),
    "offers": (
        "from labkernel.testing import FakeBackend\nclass It(FakeBackend): offers = ['moon']\n"
    ),
    "wrong": (
        "from labkernel.testing import FakeBackend\n"
        "class It(FakeBackend):\n"
        "    def __init__(self, **_): super().__init__()\n"
        "    def running(self): raise ValueError('no')\n"
    ),
}
_PARENTS = {"parent": "raise RuntimeError('parent')", "parting": "import os; os._exit(0)"}


@pytest.fixture
def with_packages(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment with a package of each kind of fault installed."""
    site = tmp_path / "site"
    told = site / "theirs-1.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    for name, text in _MODULES.items():
        (site / f"lk_{name}.py").write_text(text)
    for name, text in _PARENTS.items():
        (site / f"lk_{name}").mkdir()
        (site / f"lk_{name}" / "__init__.py").write_text(text)
        (site / f"lk_{name}" / "lab.py").touch()
    backends = [f"{name} = lk_{name}:It" for name in _MODULES]
    backends += ["namespaces = lk_raises:It", "z\x1b[31m = lk_raises:It", "gone = lk_gone:It"]
    labs = [f"{name} = lk_{name}.lab" for name in _PARENTS] + ["p[/red] = lk_raises"]
    (told / "entry_points.txt").write_text(
        "\n".join(["[labkernel.backends]", *backends, "[labkernel.labs]", *labs]) + "\n"
    )
    return environment | {"PYTHONPATH": f"{environment['PYTHONPATH']}:{site}"}


def test_labs_go_on(labkernel: Run, with_packages: dict[str, str]) -> None:
    """Whatever is installed, a lab starts, is listed, and ends."""
    assert labkernel("up", "tiny", env=with_packages).returncode == 0
    status = labkernel("status", env=with_packages)
    assert (status.returncode, "tiny" in status.stdout) == (0, True), status.stderr
    assert labkernel("down", "tiny", env=with_packages).returncode == 0
    assert labkernel("status", env=with_packages).stderr.endswith("No lab runs.\n")
    listed = labkernel("list", env=with_packages)
    assert (listed.returncode, "tiny" in listed.stdout) == (0, True), listed.stderr


def test_the_doctor_tells(labkernel: Run, with_packages: dict[str, str]) -> None:
    """Each is named with what is wrong with it; none of that is a command to the terminal."""
    done = labkernel("doctor", env=with_packages)
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    for name, sentence in {
        "syntax": "SyntaxError",
        "raises": "RuntimeError: no",
        "exits": "it ends the process that imports it",
        "other": "is no subclass of labkernel.backends.base.Backend",
        "half": "has no down, is_up, require, run, stop, up",
        "wants": "missing 1 required positional argument",
        "offers": "has something in it that is no Need",
        "wrong": "ValueError: no",
        "gone": "No module named",
    }.items():
        lines = [line for line in done.stdout.splitlines() if f"backend {name}" in line]
        assert lines, (name, done.stdout)
        assert sentence in lines[0], lines[0]
    assert "labkernel has one with this name" in done.stderr
    assert "a name has lower-case letters" in done.stderr


def test_one_that_is_asked_for(labkernel: Run, with_packages: dict[str, str]) -> None:
    """Who asks for one that is broken is told why, in a sentence."""
    for name in ("raises", "exits", "leaves", "half", "wants"):
        done = labkernel("up", "tiny", "--backend", name, env=with_packages)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert f'the backend "{name}" can\'t be used: ' in done.stderr
