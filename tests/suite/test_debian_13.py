"""Debian 13 and Ubuntu have a later Python than Debian 12: what runs on one runs on the other."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel.backends.virtualbox.records import locked
from tests import roots
from tests.conftest import LONG
from tests.suite import debian_13

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
_PACKAGES = ("python3", "python3-venv", "iproute2", "openssh-client", "procps")
_QUIET = ["-q", "-p", "no:cacheprovider"]
_SAMPLE = [f"tests/unit/test_{name}.py" for name in ("lab", "evaluation", "outcomes", "plain")]
_TESTS = [["tests/unit"], ["tests/cli"]] if LONG else [_SAMPLE]
# these want QEMU, of which another version would boot templates of its own
_WITHOUT_VMS = ["-k", "not node_as_a_vm and not runs_every_lab"]


def inside(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command there."""
    command = [sys.executable, debian_13.__file__, str(root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def root() -> Path:
    """Debian 13, with the packages of requirements-dev.lock for its Python in /opt/venv."""
    made = roots.made("debian-13", "trixie", _PACKAGES)
    lock = hashlib.sha256((ROOT / "requirements-dev.lock").read_bytes()).hexdigest()
    with locked(roots.cache() / "debian-13.lock"):
        known = made / "opt/venv/lock"
        if not known.exists() or known.read_text() != lock:
            _install(made)
            known.write_text(lock)
    return made


def _install(root: Path) -> None:
    shutil.copy(Path(sys.executable).with_name("uv"), root / "usr/local/bin/uv")
    python = ("--python", "/opt/venv/bin/python")
    lock = f"{debian_13.CHECKOUT}/requirements-dev.lock"
    for words in (
        ("/usr/bin/python3", "-m", "venv", "--clear", "/opt/venv"),
        ("/usr/local/bin/uv", "pip", "sync", "-q", "--require-hashes", *python, lock),
    ):
        done = inside(root, *words)
        assert done.returncode == 0, done.stdout + done.stderr


if os.geteuid() == 0:  # who is not can't move to another root

    def test_its_python_is_a_later_one(root: Path) -> None:
        """The tests below run on another Python than all others."""
        said = inside(root, "/opt/venv/bin/python", "-c", "import sys; print(sys.version_info[:2])")
        assert said.stdout == "(3, 13)\n", said.stderr

    @pytest.mark.parametrize("tests", _TESTS, ids=" ".join)
    def test_passes_on_its_python(root: Path, tests: list[str]) -> None:
        """Unit tests and those of the command line pass on Debian 13's Python; where there is no
        time for all of them, those of what depends on the language most."""
        done = inside(root, "/opt/venv/bin/python", "-m", "pytest", *_QUIET, *_WITHOUT_VMS, *tests)
        assert done.returncode == 0, done.stdout + done.stderr
