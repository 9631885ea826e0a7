"""A lab that nobody can find any more ends by itself, and not only after an hour."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend, discovery, rundir
from labkernel.testing import CONTRACT_TOPOLOGY

pytestmark = pytest.mark.backend

# starts a lab in a directory that is mounted by then, and tells its supervisor's process
_STARTED = """
import subprocess, sys
from labkernel.backends.namespaces import NamespacesBackend
from labkernel.testing import CONTRACT_TOPOLOGY
backend = NamespacesBackend("unmounted", linger=3600)
backend.up(CONTRACT_TOPOLOGY)
print(backend._connected().ask("describe")["pid"], flush=True)
subprocess.run(["umount", "--lazy", sys.argv[1]], check=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module", autouse=True)
def base_image() -> None:
    """What nodes are made from."""
    images.build("base")


def _remove(where: rundir.Socket) -> None:
    Path(where.path).unlink()


def _move_the_directory(where: rundir.Socket) -> None:
    folder = Path(where.path).parent
    folder.rename(folder.with_name("moved"))


def _replace(where: rundir.Socket) -> None:
    _remove(where)
    Path(where.path).write_text("something else")


@pytest.mark.parametrize("lose", [_remove, _move_the_directory, _replace])
def test_a_socket_that_is_not_found(
    runtime_directory: Path, lose: Callable[[rundir.Socket], None]
) -> None:
    """A lab whose socket was removed, or is not where it was, ends when its last client has gone,
    and not before."""
    backend = NamespacesBackend("lost", linger=3600)
    backend.up(CONTRACT_TOPOLOGY)
    pidfd = os.pidfd_open(backend._connected().ask("describe")["pid"])
    (where,) = rundir.sockets("lost")
    lose(where)
    assert backend.run("alpha", "echo goes on").output == "goes on\n"
    backend._connected().close()
    assert discovery.has_ended(pidfd, 60)
    backend.down()
    for left in (where.path, f"{runtime_directory}/moved/{Path(where.path).name}"):
        Path(left).unlink(missing_ok=True)


if os.geteuid() == 0:  # nobody else can mount a file system where a lab of theirs then is

    def test_a_runtime_directory_that_was_unmounted() -> None:
        """As at the end of a login: the file system is there for as long as somebody uses it, and
        nobody finds what is on it."""
        place = tempfile.mkdtemp(prefix="lk")  # sockets want short paths
        script = 'mount -t tmpfs none "$1" && exec "$0" -c "$2" "$1"'
        words = ["unshare", "--mount", "sh", "-c", script, sys.executable, place, _STARTED]
        environment = os.environ | {"XDG_RUNTIME_DIR": place}
        with subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            pidfd = os.pidfd_open(int(process.stdout.readline()))
            process.communicate()
        assert process.returncode == 0
        Path(place).rmdir()
        assert discovery.has_ended(pidfd, 60)
