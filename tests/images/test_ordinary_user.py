"""Where root runs the tests, an ordinary user runs those of the images as well."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import images
from tests import as_user

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The home of an ordinary user, with root's base in it as a file."""
    path = Path(tempfile.mkdtemp(prefix="lk"))
    images.build("base")
    images.export("base", path / "base.tar")
    (path / "base.tar").chmod(0o644)
    path.chmod(0o700)
    os.chown(path, as_user.UID, as_user.UID)
    yield path
    shutil.rmtree(path)


def _run(home: Path, *arguments: str) -> None:
    python = f"{as_user.CHECKOUT}/.venv/bin/python"
    done = subprocess.run(
        [sys.executable, as_user.__file__, str(home), python, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


if os.geteuid() == 0:  # else the very same tests are run by an ordinary user already

    @pytest.mark.parametrize(
        "tests",
        ["tests/images/test_layers.py", "tests/images/test_faults.py", "tests/images/test_base.py"],
    )
    def test_passes_for_an_ordinary_user(home: Path, tests: str) -> None:
        """What root can, an ordinary user can, without root."""
        load = f"from labkernel import images; images.load({str(home / 'base.tar')!r})"
        _run(home, "-c", load)
        options = ["-q", "-p", "no:cacheprovider", f"--basetemp={home}/tests"]
        _run(home, "-m", "pytest", *options, tests)
