"""Where root runs the tests, an ordinary user makes a disk as well."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import as_user, ordinary_user

pytestmark = [pytest.mark.backend, pytest.mark.slow]

_MAKE = "from pathlib import Path; from labkernel import vm; vm.export('vm', Path({disk!r}))"


@pytest.fixture
def home() -> Iterator[Path]:
    """The home of an ordinary user, with the image for VMs in the cache."""
    with ordinary_user.home() as path:
        ordinary_user.give_images(path, "vm")
        yield path


if os.geteuid() == 0:  # else the other tests are run by an ordinary user already

    def test_makes_a_disk_with_the_same_owners(home: Path) -> None:
        """An ordinary user's disk has root's files and owners: setuid programs stay root's."""
        disk = home / "vm.raw"
        done = ordinary_user.python(home, "-c", _MAKE.format(disk=str(disk)))
        assert done.returncode == 0, done.stdout + done.stderr
        assert disk.stat().st_uid == as_user.UID
        assert "Mode:  04755" in _stat(disk, "/usr/bin/su")
        assert "User:     0 " in _stat(disk, "/usr/bin/su")
        assert "Group:    42 " in _stat(disk, "/etc/shadow")


def _stat(disk: Path, path: str) -> str:
    """What the file system on a disk says of a file, as debugfs prints it."""
    words = ["/usr/sbin/debugfs", "-R", f"stat {path}", f"{disk}?offset=1048576"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout
