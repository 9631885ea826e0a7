"""Where root runs the tests, an ordinary user makes a disk as well."""

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

pytestmark = [pytest.mark.backend, pytest.mark.slow]

_MAKE = """
from pathlib import Path
from labkernel import images, vm
images.load({archive!r})
vm.export("vm", Path({disk!r}))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """The home of an ordinary user, with the image for VMs in it as a file."""
    path = Path(tempfile.mkdtemp(prefix="lk"))
    images.build("vm")
    images.export("vm", path / "vm.tar")
    (path / "vm.tar").chmod(0o644)
    path.chmod(0o700)
    os.chown(path, as_user.UID, as_user.UID)
    yield path
    shutil.rmtree(path)


if os.geteuid() == 0:  # else the other tests are run by an ordinary user already

    def test_makes_a_disk_with_the_same_owners(home: Path) -> None:
        """An ordinary user's disk has root's files and owners: setuid programs stay root's."""
        python, disk = f"{as_user.CHECKOUT}/.venv/bin/python", home / "vm.raw"
        code = _MAKE.format(archive=str(home / "vm.tar"), disk=str(disk))
        words = [sys.executable, as_user.__file__, str(home), python, "-c", code]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert disk.stat().st_uid == as_user.UID
        assert "Mode:  04755" in _stat(disk, "/usr/bin/su")
        assert "User:     0 " in _stat(disk, "/usr/bin/su")
        assert "Group:    42 " in _stat(disk, "/etc/shadow")


def _stat(disk: Path, path: str) -> str:
    """What the file system on a disk says of a file, as debugfs prints it."""
    words = ["/usr/sbin/debugfs", "-R", f"stat {path}", f"{disk}?offset=1048576"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout
