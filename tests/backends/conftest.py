"""What the tests of backends share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import images

# whoever is not root is the ordinary user: the very same tests run beside this file
collect_ignore = [] if os.geteuid() == 0 else ["test_ordinary_user.py"]


@pytest.fixture(scope="session", autouse=True)
def base_image() -> None:
    """The image that the tests' nodes are made from."""
    images.build("base")


@pytest.fixture(scope="module")
def runtime_directory() -> Iterator[Path]:
    """A runtime directory of these tests' own; short, since the paths of sockets are bounded."""
    path = Path(tempfile.mkdtemp(prefix="lk"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(path))
        yield path
    shutil.rmtree(path)
