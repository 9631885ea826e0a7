"""Where root runs these tests, an ordinary user runs those that concern both as well."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ordinary_user

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_FILES = {
    "from outside": ["archives", "ovas", "unfinished_files", "labs_and_notebooks"],
    "for others to see": ["listeners", "output", "shell", "signals"],
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The home of an ordinary user, with root's base in the cache."""
    with ordinary_user.home() as path:
        ordinary_user.give_images(path, "base")
        yield path


if os.geteuid() == 0:  # else the very same tests are run by an ordinary user already

    @pytest.mark.parametrize("kind", _FILES)
    def test_passes_for_an_ordinary_user(home: Path, kind: str) -> None:
        """What root is guarded against, an ordinary user is guarded against."""
        options = ["-q", "-p", "no:cacheprovider", f"--basetemp={home}/tests"]
        tests = [f"tests/security/test_{name}.py" for name in _FILES[kind]]
        done = ordinary_user.python(home, "-m", "pytest", *options, *tests)
        assert done.returncode == 0, done.stdout + done.stderr
