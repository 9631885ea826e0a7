"""Where root runs the tests, an ordinary user runs those of the backend and of the labs as well."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel import Node, images, labs
from tests import as_user

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(600)]

_LABS = Path(__file__).parents[1] / "labs"

_LONGEST = 570  # seconds; beside other tests, on two cores

AsUser = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run_as_user() -> Iterator[AsUser]:
    """Runs Python as an ordinary user who has root's images in a cache of their own."""
    home = Path(tempfile.mkdtemp(prefix="lk"))
    try:
        os.chown(home, as_user.UID, as_user.UID)
        _give_images(home)
        yield lambda *arguments: _run(home, *arguments)
    finally:
        shutil.rmtree(home)


def _give_images(home: Path) -> None:
    for name in sorted({node.image for each in labs.names() for node in _nodes(each)}):
        archive = home / f"{name}.tar"
        images.build(name)
        images.export(name, archive)
        archive.chmod(0o644)
        loaded = _run(home, "-c", f"from labkernel import images; images.load({str(archive)!r})")
        assert loaded.returncode == 0, loaded.stderr
        archive.unlink()


def _nodes(name: str) -> tuple[Node, ...]:
    return labs.load(name).topology.nodes


def _run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    python = f"{as_user.CHECKOUT}/.venv/bin/python"
    return subprocess.run(
        [sys.executable, as_user.__file__, str(home), python, *arguments],
        capture_output=True,
        text=True,
        timeout=_LONGEST,
    )


@pytest.mark.parametrize(
    "tests",
    [
        "tests/backends/test_namespaces.py",
        "tests/backends/test_namespaces_faults.py",
        "tests/cli/test_nodes.py",
        "tests/cli/test_run.py",
        # one by one: together they take longer than one test may
        *(f"tests/labs/{path.name}" for path in sorted(_LABS.glob("test_*.py"))),
    ],
)
def test_passes_for_an_ordinary_user(run_as_user: AsUser, tests: str) -> None:
    """What root can, an ordinary user can, without root."""
    done = run_as_user("-m", "pytest", "-q", "-p", "no:cacheprovider", tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_notebooks_are_the_same_for_an_ordinary_user(run_as_user: AsUser) -> None:
    """The transcripts that root's run left in the notebooks are an ordinary user's as well."""
    options = ["-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "notebooks"]
    code = "import os, pytest; os.environ['LABKERNEL_AUTO'] = '1'; raise SystemExit(pytest.main("
    done = run_as_user("-c", f"{code}{options}))")
    assert done.returncode == 0, done.stdout + done.stderr
