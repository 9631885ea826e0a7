"""Under macOS and Windows, whose Python lacks modules that Linux has, the command still speaks."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

# What Python has under Windows and macOS: the modules that are missing there can't be imported,
# and what stands in for Linux's own calls is gone.  The standard library is loaded before, since
# its files for this system want those modules.
_ELSEWHERE = """
import os, sys, subprocess, tempfile, shutil, socket, ssl, asyncio, platform, pathlib, signal
import multiprocessing, concurrent.futures, click, rich.console, rich.table, rich.progress
missing = {missing!r}
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in missing:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
for name in missing:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Blocked())
for name in {calls!r}:
    if hasattr(os, name):
        delattr(os, name)
sys.platform = {platform!r}
if sys.platform == "win32":
    # Windows's own: with the first a file is locked; of the second, shutil.which asks one question
    # from Python 3.12 on
    sys.modules["msvcrt"] = type(sys)("msvcrt")
    sys.modules["msvcrt"].LK_NBLCK = 2
    sys.modules["msvcrt"].locking = lambda fd, mode, count: None
    shutil._winapi = type(sys)("_winapi")
    shutil._winapi.NeedCurrentDirectoryForExePath = lambda name: True
    os.environ["PROCESSOR_ARCHITECTURE"] = "AMD64"  # Windows sets it
from labkernel.cli import main
sys.exit(main({words!r}))
"""
_MACOS = {"platform": "darwin", "missing": ["pyroute2"], "calls": ["pidfd_open", "memfd_create"]}
_WINDOWS = {
    "platform": "win32",
    "missing": ["fcntl", "pwd", "grp", "resource", "termios", "pyroute2"],
    "calls": ["pidfd_open", "memfd_create", "getuid", "geteuid", "fork", "uname"],
}

systems = pytest.mark.parametrize("system", [_MACOS, _WINDOWS], ids=["macos", "windows"])


def labkernel(system: dict[str, object], *words: str) -> "subprocess.CompletedProcess[str]":
    """The command as it would run there."""
    program = textwrap.dedent(_ELSEWHERE).format(**system, words=list(words))
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )


@systems
def test_lists_the_labs(system: dict[str, object]) -> None:
    """`labkernel list` has every lab."""
    done = labkernel(system, "list")
    assert (done.returncode, "anyip" in done.stdout) == (0, True), done.stderr


@systems
def test_the_doctor_speaks(system: dict[str, object]) -> None:
    """`labkernel doctor` says that there are no namespaces there, and what VirtualBox lacks."""
    done = labkernel(system, "doctor", "--json")
    assert done.stderr == ""
    report = json.loads(done.stdout)
    said = {each["name"]: each for each in report["backends"]}
    assert "has no namespaces" in said["namespaces"]["why"]
    assert "VBoxManage is not installed" in said["virtualbox"]["why"]
    assert {each["name"] for each in report["facts"]} == {"Python", "VirtualBox"}


@systems
def test_nothing_runs(system: dict[str, object]) -> None:
    """`labkernel status` looks at what can run there, and finds nothing."""
    done = labkernel(system, "status", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"labs": []}), done.stderr


@systems
def test_another_backend_is_named(system: dict[str, object]) -> None:
    """Whoever starts a lab on namespaces is told of the other backend."""
    done = labkernel(system, "up", "start", "--backend", "namespaces")
    assert done.returncode != 0
    assert "--backend virtualbox" in done.stderr


@systems
def test_a_lab_for_linux_alone(system: dict[str, object]) -> None:
    """A lab that runs on namespaces alone says so."""
    done = labkernel(system, "up", "docker-nat")
    assert (done.returncode, "has no namespaces" in done.stderr) == (2, True)


@systems
def test_where_images_come_from(system: dict[str, object], tmp_path: Path) -> None:
    """Where no image can be built, it says what to type and where; what is no OVA is refused."""
    done = labkernel(system, "up", "start")
    assert "on a Linux machine: labkernel image export vm vm.ova" in done.stderr
    file = tmp_path / "vm.ova"
    file.write_bytes(b"not a tar file")
    assert "is damaged, or no OVA" in labkernel(system, "image", "load", str(file)).stderr
