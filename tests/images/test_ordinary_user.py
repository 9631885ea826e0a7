"""Where root runs the tests, an ordinary user runs those of the images as well."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ordinary_user

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# each image anew, by an ordinary user, takes five minutes, and a killed mmdebstrap six times its
# time: how they build, and how that is killed, the tests of layers show
_SHORT = ["-k", "not every_image and not (killed_build and suite)"]
_ALL = [] if os.environ.get("LABKERNEL_LONG") == "1" else _SHORT


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The home of an ordinary user, with root's base in the cache."""
    with ordinary_user.home() as path:
        ordinary_user.give_images(path, "base")
        yield path


if os.geteuid() == 0:  # else the very same tests are run by an ordinary user already

    @pytest.mark.parametrize(
        "tests",
        [
            "tests/images/test_layers.py",
            pytest.param("tests/images/test_faults.py", marks=pytest.mark.rare),
            "tests/images/test_base.py",
        ],
    )
    def test_passes_for_an_ordinary_user(home: Path, tests: str) -> None:
        """What root can, an ordinary user can, without root."""
        options = ["-q", "-p", "no:cacheprovider", f"--basetemp={home}/tests", *_ALL]
        done = ordinary_user.python(home, "-m", "pytest", *options, tests)
        assert done.returncode == 0, done.stdout + done.stderr
