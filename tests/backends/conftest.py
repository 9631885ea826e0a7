"""What the tests of backends share."""

import os

import pytest

from labkernel import images

# whoever is not root is the ordinary user: the very same tests run beside this file
collect_ignore = [] if os.geteuid() == 0 else ["test_ordinary_user.py"]


@pytest.fixture(scope="session", autouse=True)
def base_image() -> None:
    """The image that the tests' nodes are made from."""
    images.build("base")
