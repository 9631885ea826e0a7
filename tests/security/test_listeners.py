"""Other users of the machine see nothing: of JupyterLab as `labkernel open` starts it, of its
kernels, and of what lies in our directories."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.cli.conftest import COMMAND
from tests.cli.test_terminal import status_of

ROOT = Path(__file__).parents[2]
#: a user whom the machine need not have
STRANGER = 47_110
_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31)
_READY = b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB"


@dataclass
class Lab:
    """A JupyterLab with a kernel."""

    pid: int
    port: int
    runtime: Path
    connection: Path

    def kernel(self) -> int:
        """The process id of the kernel; what builds images in the background is a child as well."""
        listed = f"/proc/{self.pid}/task/{self.pid}/children"
        name = self.connection.name.encode()
        (kernel,) = (
            int(child)
            for child in Path(listed).read_text().split()
            if name in Path(f"/proc/{child}/cmdline").read_bytes()
        )
        return kernel


@pytest.fixture(scope="module")
def jupyterlab() -> Iterator[Lab]:
    """What `labkernel open` starts, with files and settings of its own, and a kernel in it."""
    # socket paths stay under 107 characters only below a short folder
    folder = Path(tempfile.mkdtemp(prefix="lk"))
    env = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    env |= {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA")}
    env |= {"XDG_RUNTIME_DIR": str(folder), "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder)}
    words = [*COMMAND, "open", "--course", str(folder / "course")]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            url = next(line.split()[-1] for line in process.stderr if "http://127.0.0.1" in line)
            yield _with_kernel(process.pid, url, folder)
        finally:
            process.terminate()
            process.communicate()
            shutil.rmtree(folder)


def _with_kernel(pid: int, url: str, folder: Path) -> Lab:
    parts = urlsplit(url)
    token = parse_qs(parts.query)["token"][0]
    request = urllib.request.Request(
        f"http://{parts.netloc}/api/kernels", b"{}", {"Authorization": f"token {token}"}
    )
    # it has printed its address before it listens
    assert status_of(f"http://{parts.netloc}/api/kernels") == 403
    with urllib.request.urlopen(request) as answer:
        kernel = json.load(answer)["id"]
    runtime = folder / "labkernel" / "jupyter"
    connection = runtime / f"kernel-{kernel}.json"
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    client.kernel_info(reply=True, timeout=120)
    client.stop_channels()
    assert parts.port is not None
    return Lab(pid, parts.port, runtime, connection)


def listening(pid: int) -> set[int]:
    """The TCP ports at which a process listens."""
    mine = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    ]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == "0A" and f"socket:[{row[9]}]" in mine
    }


def test_what_listens(jupyterlab: Lab) -> None:
    """JupyterLab listens at the port that it prints, and a kernel at one of ipykernel's own, which
    takes what the kernel's children print, and gives nothing to anybody (a PULL socket)."""
    assert listening(jupyterlab.pid) == {jupyterlab.port}
    (port,) = listening(jupyterlab.kernel())
    assert socket_type(port) == b"PULL"
    assert json.loads(jupyterlab.connection.read_text())["transport"] == "ipc"


def socket_type(port: int) -> bytes:
    """What kind of ZeroMQ socket answers (ZMTP 3.0, section 3)."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as sock,
        sock.makefile("rb") as file,
    ):
        sock.sendall(_GREETING)
        assert file.read(64)[:1] == b"\xff"
        sock.sendall(_READY)
        _flags, size = file.read(2)
        command = file.read(size)
        assert command.startswith(b"\x05READY")
        value = command.partition(b"Socket-Type")[2]
        return value[4 : 4 + int.from_bytes(value[:4])]


def test_modes(jupyterlab: Lab) -> None:
    """Connection files, sockets and tokens are in a directory that is this user's alone, and what
    has keys in it is in files that are as well."""
    for place in (jupyterlab.runtime, jupyterlab.runtime.parent):
        each = place.lstat()
        assert (each.st_mode & 0o777, each.st_uid) == (0o700, os.getuid())
    found = {path: path.lstat() for path in jupyterlab.runtime.rglob("*")}
    sockets = [path for path, each in found.items() if stat.S_ISSOCK(each.st_mode)]
    assert len(sockets) == 5
    assert all(len(str(path)) <= 107 for path in sockets)
    open_to_others = [
        path.name
        for path, each in found.items()
        if path.suffix != ".html" and stat.S_ISREG(each.st_mode) and each.st_mode & 0o077
    ]
    assert open_to_others == []


_TRIES = """
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
for path in sys.argv[2:]:
    for how in (open, os.listdir, os.stat, lambda p: socket.socket(socket.AF_UNIX).connect(p)):
        try:
            how(path)
        except PermissionError:
            continue
        sys.exit(f"{path}: {how}")
"""


def test_another_user(jupyterlab: Lab) -> None:
    """Another user can neither read nor reach any of it; where we can't be another user, since we
    are not root, the modes say it."""
    if os.geteuid() != 0:
        assert jupyterlab.runtime.stat().st_mode & 0o777 == 0o700
        return
    paths = [str(path) for path in jupyterlab.runtime.rglob("*")]
    assert len(paths) > 6
    tried = subprocess.run(
        ["/usr/bin/python3", "-c", _TRIES, str(STRANGER), *paths], capture_output=True, text=True
    )
    assert (tried.returncode, tried.stderr) == (0, "")


@pytest.mark.parametrize("kind", ["open to others", "a link"])
def test_a_place_that_is_not_ours(tmp_path: Path, kind: str) -> None:
    """Sockets are not put where others may enter, or where a link leads."""
    place = tmp_path / "labkernel"
    place.mkdir(mode=0o700)
    if kind == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        (place / "jupyter").symlink_to(tmp_path / "elsewhere")
    else:
        (place / "jupyter").mkdir()
        (place / "jupyter").chmod(0o755)
    program = "from labkernel.cli import jupyter; jupyter._LONGEST = 1000; jupyter.environment()"
    env = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert "is not a directory of yours alone" in ended.stderr


def test_a_long_runtime_directory(tmp_path: Path) -> None:
    """Where a socket's path would be too long, another place is found."""
    long = tmp_path / ("long" * 20)
    long.mkdir()
    program = (
        "from labkernel.cli import jupyter; print(jupyter.environment()['JUPYTER_RUNTIME_DIR'])"
    )
    env = os.environ | {"XDG_RUNTIME_DIR": str(long), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    place = Path(ended.stdout.strip())
    assert len(str(place / f"kernel-{'0' * 36}-ipc-5")) <= 107
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


HIJACKERS = ("papermill", "nbformat", "nbclient", "json", "token", "jupyterlab", "traitlets", "re")


@pytest.mark.backend
@pytest.mark.rare
def test_files_of_the_working_directory(tmp_path: Path) -> None:
    """Neither modules nor templates of the directory in which somebody types a command are run by
    it: a notebook runs in its own directory, where what is beside it is its author's."""
    seen = tmp_path / "seen"
    here = tmp_path / "here"
    (here / "lab").mkdir(parents=True)
    for name in HIJACKERS:
        text = f"open({str(seen)!r}, 'a').write({name + chr(10)!r}); raise ImportError('hijacked')"
        (here / f"{name}.py").write_text(text)
    (here / "lab" / "index.html.j2").write_text("hijacked")
    (here / "lab" / "conf.json").write_text("{}")
    place = Path(tempfile.mkdtemp(prefix="lk"))
    env = os.environ | {"XDG_RUNTIME_DIR": str(place)}
    labkernel = Path(sys.executable).with_name("labkernel")
    try:
        ended = subprocess.run(
            [labkernel, "run", "start", "--out", str(tmp_path / "out")],
            cwd=here, env=env, capture_output=True, text=True,
        )  # fmt: skip
        assert not seen.exists(), seen.read_text()
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "hijacked" not in (tmp_path / "out" / "00-start.html").read_text()
    finally:
        shutil.rmtree(place)


def test_how_python_is_started() -> None:
    """Every module that we start as a program is started without the working directory (-P, -I)."""
    texts = {path: path.read_text() for path in (ROOT / "labkernel").rglob("*.py")}
    careless = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path, text in texts.items()
        for line in text.splitlines()
        if "sys.executable, " in line and '"-P"' not in line and '"-I"' not in line
    ]
    assert careless == []
