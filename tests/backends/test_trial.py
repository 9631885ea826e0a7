"""The doctor's trial: one real node, as `up` makes those of a lab."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel import images, user_namespace
from labkernel.backends.namespaces import trial
from labkernel.backends.namespaces.backend import NamespacesBackend
from labkernel.errors import BackendError, BackendUnavailable
from labkernel.images.metadata import Build
from labkernel.topology import Node, Topology

pytestmark = [pytest.mark.backend, pytest.mark.usefixtures("runtime_directory")]

ROOT = Path(__file__).parents[2]
LAB = Topology("alike", nodes=(Node("client"),))
_BOTH = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.backends.test_trial import said
print("\\n".join(said()))
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that has nothing yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def built(cache: Path) -> Path:
    """Have a base image in the cache that is little but its description; gives its layer."""
    place = images.find("base").path
    for name in ("bin", "mnt", "proc", "root", "run", "sys"):
        (place / "root" / name).mkdir(parents=True)
    Build("base", images.find("base").digest, "0" * 32, "", 0, "0" * 64, {}).write(place)
    assert images.find("base").built
    return place / "root"


def said() -> tuple[str, str]:
    """What the trial says, and what starting a lab does; "started" where it was."""
    backend = NamespacesBackend("alike", linger=0)
    found = []
    for act in (trial.run, lambda: backend.up(LAB)):
        try:
            act()
            found.append("started")
        except BackendUnavailable as error:
            found.append(str(error))
    backend.down()
    return found[0], found[1]


def test_leaves_nothing(cache: Path) -> None:
    """Where no image is built, a node is made of this machine's shell in the cache's file system,
    works, and is gone."""
    assert trial.run() == ""
    assert list(cache.iterdir()) == []


def test_uses_the_image_that_is_built(cache: Path) -> None:
    """Where the base image is built, the node is one of it: one that lacks a shell is told."""
    built(cache)
    with pytest.raises(BackendError, match="a node was started, and a command on it ended with"):
        trial.run()


def test_a_cache_that_can_not_be_written_to(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no image is built, and none can be, that is what stands in the way."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/sys")
    with pytest.raises(BackendUnavailable, match="images can't be kept in /proc/sys/labkernel"):
        trial.run()


def test_no_socket_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no lab's socket could be made, that is what stands in the way."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/sys")
    with pytest.raises(BackendError, match="where the sockets of running labs go, can't be made"):
        trial.run()


if os.geteuid() == 0:  # who is not owns what they make

    def test_images_of_another_user(cache: Path) -> None:
        """Images of another user, which can be read, are told as such, by the trial and by a lab's
        start in the same words."""
        os.chown(built(cache), 65534, 65534)
        first, second = said()
        assert first == second
        assert "belong to user nobody" in first
        assert f"the images in {cache}/labkernel/images" in first


def test_a_file_system_that_is_no_layer(cache: Path) -> None:
    """Images on an overlay of overlays, which the kernel stacks no node's on, are told by that file
    system's name, by the trial and by a lab's start in the same words."""
    built(cache)
    (cache / "lower").mkdir()
    (cache / "labkernel").rename(cache / "lower/labkernel")
    script = (
        "set -e; mount -t tmpfs tmpfs /media; mkdir /media/a /media/b /media/c; "
        "mount -t overlay overlay -o userxattr,lowerdir=$0/lower:/media/a /media/b; "
        "mount -t overlay overlay -o userxattr,lowerdir=/media/b:/media/a /media/c; "
        'XDG_CACHE_HOME=/media/c exec "$1" -c "$2"'
    )
    words = ["sh", "-c", script, str(cache), sys.executable, _BOTH]
    ended = subprocess.run(user_namespace.command(words), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    first, second = ended.stdout.splitlines()
    assert first.replace("node node", "") == second.replace("node client", "")
    assert "on overlayfs" in first
