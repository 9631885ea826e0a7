"""What programs on a node are given, and see of what runs them, is of the node alone."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import labkernel
from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend
from labkernel.topology import Link, Node, Topology
from tests.backends import inventory

pytestmark = pytest.mark.backend

_TOPOLOGY = Topology(
    "given",
    (Node("alpha"), Node("bravo")),
    (Link("lan", "alpha:lan0", "bravo:lan0", prefix=["2001:db8::/64"]),),
)
# of each descriptor: the interfaces that it lists (SIOCGIFCONF gives those with an IPv4 address,
# SIOCGIFNAME any), or why it lists none
_INTERFACES = """
import errno, fcntl, os, stat, struct, sys
for fd in (0, 1, 2, *range(3, 64)):
    try:
        kind = os.fstat(fd).st_mode
    except OSError:
        continue
    found = []
    for index in range(1, 4096):
        try:
            told = fcntl.ioctl(fd, 0x8910, struct.pack("16si20x", b"", index))
            found.append(told[:16].rstrip(b"\\0").decode())
        except OSError as error:
            if error.errno != errno.ENODEV:
                found.append(errno.errorcode[error.errno])
                break
    print(fd, "socket" if stat.S_ISSOCK(kind) else "other", *found)
"""
_OWN = {"lo", "lan0"}


@pytest.fixture(scope="module")
def backend(runtime_directory: Path) -> Iterator[NamespacesBackend]:
    """A lab with one wire."""
    images.build("base")
    backend = NamespacesBackend("given", linger=0)
    backend.up(_TOPOLOGY)
    yield backend
    backend.down()


def _run(backend: NamespacesBackend) -> str:
    return backend.run("alpha", ["python3", "-c", _INTERFACES]).output


def _run_with_input(backend: NamespacesBackend) -> str:
    return backend.run("alpha", ["python3", "-c", _INTERFACES], stdin=b"x").output


def _dial(backend: NamespacesBackend) -> str:
    with backend.dial("alpha", ["python3", "-c", _INTERFACES]) as there:
        return there.makefile("rb").read().decode()


def _terminal(backend: NamespacesBackend) -> str:
    master, answer = backend._connected().terminal("alpha", "dumb")
    said = b""
    with answer, os.fdopen(master, "r+b", buffering=0) as terminal:
        terminal.write(f"stty -echo; exec python3 -c '{_INTERFACES}'\n".encode())
        try:
            while data := terminal.read(4096):
                said += data
        except OSError:  # EIO: nobody has it open any more
            pass
    lines = said.decode().replace("\r", "").splitlines()
    return "\n".join(line for line in lines if line[:2].strip().isdigit())


_WAYS = [_run, _run_with_input, _dial, _terminal]


@pytest.mark.parametrize("way", _WAYS)
def test_no_descriptor_is_of_the_machines_network(
    backend: NamespacesBackend, way: Callable[[NamespacesBackend], str]
) -> None:
    """No descriptor that a command is started with asks the machine's network namespace: a socket
    belongs to the one in which it was made."""
    told = {
        fd: (kind, set(found)) for fd, kind, *found in map(str.split, way(backend).splitlines())
    }
    assert {"0", "1", "2"} <= told.keys()
    for kind, found in told.values():
        if kind == "socket":
            assert found == _OWN
        else:
            assert len(found) == 1
            assert found <= {"ENOTTY", "EINVAL"}
    assert (told["0"][0] == "socket") is (way is _dial)


def test_a_name_is_bound_on_the_node(backend: NamespacesBackend) -> None:
    """An abstract name that a command gives to what it speaks by is not one of the machine's."""
    name = f"labkernel-test-{os.getpid()}"
    script = (
        "import socket, sys; own = socket.socket(fileno=0); "
        f"own.bind('\\0{name}'); sys.stdout.write('bound'); sys.stdout.flush(); own.recv(1)"
    )
    with backend.dial("alpha", ["python3", "-c", script]) as there:
        assert there.recv(5) == b"bound"
        assert name not in Path("/proc/net/unix").read_text()
        assert name in backend.run("alpha", "cat /proc/net/unix").output


@pytest.mark.parametrize(
    "change",
    [
        "os.write(os.open('/proc/self/fd/0', os.O_RDWR), b'y')",
        "os.truncate('/proc/self/fd/0', 1 << 30)",
        "os.truncate('/proc/self/fd/0', 0)",
        "os.posix_fallocate(os.open('/proc/self/fd/0', os.O_RDWR), 0, 1 << 20)",
        "fcntl.fcntl(os.open('/proc/self/fd/0', os.O_RDWR), fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)",
        "os.ftruncate(0, 1 << 30)",
    ],
)
def test_input_can_not_be_changed(backend: NamespacesBackend, change: str) -> None:
    """What a command is given as its input stays as it is, also where it is opened anew."""
    script = (
        f"import fcntl, os\ntry:\n    {change}\nexcept OSError as error:\n    print(error.errno)\n"
        "print(os.fstat(0).st_size, os.read(0, 100))"
    )
    said = backend.run("alpha", ["python3", "-c", script], stdin=b"given").output.splitlines()
    assert said[1:] == ["5 b'given'"]
    assert int(said[0]) in (errno.EPERM, errno.EINVAL, errno.EACCES)


def test_the_place_of_labkernel_is_not_seen(backend: NamespacesBackend) -> None:
    """No file of /proc that a node may read says where on the machine labkernel, or Python, is."""
    place = str(Path(labkernel.__file__).parents[1])
    script = (
        "import pathlib, sys\nfor each in pathlib.Path('/proc/1').iterdir():\n"
        "    try:\n        data = each.read_bytes() if each.is_file() else b''\n"
        "    except OSError:\n        continue\n"
        "    if sys.argv[1].encode() in data: print(each)"
    )
    assert backend.run("alpha", ["python3", "-c", script, place]).output == ""
    assert backend.run("alpha", "tr -d '\\0' </proc/1/cmdline").output == "labkernel-supervisor"


def test_the_starters_directory_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs a lab is in no directory of the starter's, which can be unmounted then; its socket
    goes with it also where XDG_RUNTIME_DIR is no absolute path."""
    place = tempfile.mkdtemp(prefix="lk")  # sockets want short paths
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_RUNTIME_DIR", ".")
    backend = NamespacesBackend("elsewhere", linger=0)
    backend.up(_TOPOLOGY)
    keeper = inventory._parent(backend._connected().ask("describe")["pid"])
    where = str(Path(f"/proc/{keeper}/cwd").readlink())
    backend.down()
    assert where == "/"
    Path(place, "labkernel").rmdir()
    Path(place).rmdir()
