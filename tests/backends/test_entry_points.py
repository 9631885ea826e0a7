"""A backend of another package: it keeps the contract, and labs run on it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel import backends, plugins
from labkernel.backends.base import Backend
from labkernel.testing import BackendContract

pytestmark = pytest.mark.backend

PACKAGE = Path(__file__).parent / "package"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is installed."""
    place = tmp_path_factory.mktemp("site")
    words = ["-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([sys.executable, *words, "--target", place, PACKAGE], check=True, timeout=120)
    return place


@pytest.fixture(scope="module")
def make_backend(site: Path) -> Iterator[Callable[..., Backend]]:
    """Backends that the registry makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        plugins.registered.cache_clear()
        yield lambda instance="contract": backends.make("unshare", instance=instance)
    plugins.registered.cache_clear()


class TestUnshare(BackendContract):
    """See BackendContract."""


def _labkernel(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("labkernel"), *words],
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_lab_runs_on_it(site: Path, tmp_path: Path) -> None:
    """A lab, which knows no backend by name, runs on it from beginning to end."""
    done = _labkernel(site, "run", "start", "--backend", "unshare", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "start: passed\n")


def test_what_it_can_not(site: Path) -> None:
    """A lab that needs more than it offers is refused in a sentence; the doctor knows it."""
    done = _labkernel(site, "up", "docker-nat", "--backend", "unshare")
    assert done.returncode == 2
    assert "does not run on the unshare backend: it needs a Docker engine on a node" in done.stderr
    assert "unshare" in _labkernel(site, "doctor").stdout
