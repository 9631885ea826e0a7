"""Disks that boot by themselves: what is on them, and what the machine that boots one says."""

import hashlib
import json
import os
import random
import subprocess
import sys
import tarfile
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import images, user_namespace, vm
from labkernel.errors import ImageError, NodeLost
from tests.backends import inventory
from tests.vm.machine import Machine

pytestmark = [pytest.mark.backend, pytest.mark.slow]

#: VM nodes are booted from such disks in tests/backends and tests/notebooks
booted = pytest.mark.rare

_ENVELOPE = {"o": "http://schemas.dmtf.org/ovf/envelope/1"}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk of the image for VMs."""
    images.build("vm")
    path = tmp_path_factory.mktemp("disk") / "vm.qcow2"
    vm.export("vm", path)
    return path


@pytest.fixture(scope="module")
def machine(disk: Path) -> Iterator[Machine]:
    """A machine that has booted it."""
    with Machine(disk, vm.Seed("alpha", vm.Keys.new())) as booted:
        booted.connect()
        yield booted


@booted
def test_boots_and_takes_commands(machine: Machine) -> None:
    """The machine has the seed's name, ends commands with their exit code, and nothing failed."""
    assert machine.run("hostname") == (0, "alpha\n")
    assert machine.run("echo out; echo err >&2; exit 7") == (7, "out\nerr\n")
    assert machine.run("systemctl --failed --quiet") == (0, "")


@booted
def test_has_a_kernel_of_its_own(machine: Machine) -> None:
    """Its kernel is Debian's for clouds, and can bond links."""
    assert "cloud-amd64" in machine.run("uname -r")[1]
    assert machine.run("ip link add bond9 type bond && ip link del bond9")[0] == 0


@booted
def test_starts_no_service_of_the_lab(machine: Machine) -> None:
    """What the base has, a web server and an NDP proxy, waits for the steps of a lab."""
    assert machine.run("pgrep -x 'nginx|ndppd'") == (1, "")


@booted
def test_has_no_way_out(machine: Machine) -> None:
    """The NIC for commands has an address and no default route."""
    assert "control" in machine.run("ip -4 -brief address show scope global")[1]
    assert machine.run("ip route show default; ip -6 route show default") == (0, "")


@booted
def test_nobody_logs_in_with_a_password(machine: Machine) -> None:
    """No user has a password, and the SSH server takes none."""
    assert set(machine.run("cut -d: -f2 /etc/shadow | sort -u")[1].split()) <= {"*", "!", "!*"}
    assert "passwordauthentication no" in machine.run("sshd -T")[1]


@booted
def test_the_console_is_serial(machine: Machine) -> None:
    """The first serial port shows the kernel's messages."""
    assert "Linux version" in machine.console()


def test_a_machine_that_never_boots(tmp_path: Path) -> None:
    """A disk with nothing on it is no machine: the error has the machine's name and its console."""
    empty = tmp_path / "empty.raw"
    with empty.open("wb") as file:
        file.truncate(1 << 20)
    with (
        Machine(empty, vm.Seed("bravo", vm.Keys.new())) as broken,
        pytest.raises(NodeLost, match=r"bravo: no answer on SSH within 1 s .*last lines: "),
    ):
        broken.connect(within=1)


@pytest.mark.rare
def test_a_truncated_disk(disk: Path, tmp_path: Path) -> None:
    """A disk that is no qcow2 any more is refused with what QEMU says of it."""
    short = tmp_path / "short.qcow2"
    short.write_bytes(disk.read_bytes()[:100])
    with (
        Machine(short, vm.Seed("bravo", vm.Keys.new())) as broken,
        pytest.raises(NodeLost, match=r"bravo: QEMU .*QEMU said: "),
    ):
        broken.connect()


def test_an_ova_is_what_its_manifest_says(tmp_path: Path) -> None:
    """An OVA has description, manifest and disk, in this order, with the digests and the size that
    they state; the disk is a stream-optimised VMDK."""
    vm.export("vm", tmp_path / "vm.ova")
    with tarfile.open(tmp_path / "vm.ova") as archive:
        names = archive.getnames()
        for name in names:
            held = archive.extractfile(name)
            assert held is not None
            (tmp_path / name).write_bytes(held.read())
    assert [Path(name).suffix for name in names] == [".ovf", ".mf", ".vmdk"]
    stated = (tmp_path / names[1]).read_text().splitlines()
    seen = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names[::2]]
    assert stated == [
        f"SHA256({name})= {each}" for name, each in zip(names[::2], seen, strict=True)
    ]
    file = ET.parse(tmp_path / names[0]).find(".//o:File", _ENVELOPE)
    assert file is not None
    size = (tmp_path / names[2]).stat().st_size
    assert file.get(f"{{{_ENVELOPE['o']}}}size") == str(size)
    told = subprocess.check_output(["qemu-img", "info", "--output=json", tmp_path / names[2]])
    assert json.loads(told)["format-specific"]["data"]["create-type"] == "streamOptimized"


@pytest.mark.long  # what VirtualBox makes of the same VMDK boots in tests/virtualbox
def test_the_disk_for_virtualbox_boots_on_its_hardware(tmp_path: Path) -> None:
    """The VMDK boots from a SATA disk, as the OVA has it, and takes commands by the same seed."""
    vm.export("vm", tmp_path / "vm.vmdk")
    with Machine(tmp_path / "vm.vmdk", vm.Seed("charlie", vm.Keys.new())) as booted:
        booted.connect()
        assert booted.run("hostname; findmnt -no SOURCE /") == (0, "charlie\n/dev/sda1\n")


_EXPORT = "import sys; from pathlib import Path; from labkernel import vm; {patch}"
_EXPORT += "vm.export('vm', Path(sys.argv[1]) / 'vm.raw')"


def test_killed_while_a_disk_is_made(tmp_path: Path) -> None:
    """Whenever it is killed, no process goes on, and nothing is left in the directory for temporary
    files."""
    images.build("vm")
    chance, temporary = random.Random(5), tmp_path / "tmp"
    temporary.mkdir()
    for number in range(5):
        mark = f"LABKERNEL_TEST_ROUND={tmp_path}/{number}"
        environment = os.environ | dict([mark.split("=")]) | {"TMPDIR": str(temporary)}
        words = [sys.executable, "-c", _EXPORT.format(patch=""), str(tmp_path)]
        with subprocess.Popen(words, env=environment) as victim:
            threading.Event().wait(chance.uniform(0.2, 2.5))
            victim.kill()
        assert inventory.wait_until(lambda: not inventory.marked(mark))  # noqa: B023
        assert list(temporary.iterdir()) == []


def test_no_room_for_a_disk(tmp_path: Path) -> None:
    """A disk that fills its file system in the middle is an error in one sentence; nothing of it is
    left."""
    images.build("vm")
    script = 'mount -t tmpfs -o size=100m none "$1" && "${@:2}"; code=$?; ls -A "$1"; exit $code'
    python = [sys.executable, "-c", _EXPORT.format(patch="sys.tracebacklimit = 0; "), str(tmp_path)]
    words = user_namespace.command(["bash", "-c", script, "bash", str(tmp_path), *python])
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path}/vm.raw can't be written: No space left on device" in done.stderr


def test_an_image_without_a_kernel(tmp_path: Path) -> None:
    """No disk is made of an image without a kernel, and no file is left."""
    images.build("base")
    with pytest.raises(ImageError, match='image "base" has no kernel'):
        vm.export("base", tmp_path / "base.qcow2")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_small(tmp_path: Path) -> None:
    """A disk that the image does not fit on is an error that states its size; no file is left."""
    with pytest.raises(ImageError, match="disk of 64 MiB"):
        vm.export("vm", tmp_path / "vm.qcow2", megabytes=64)
    assert list(tmp_path.iterdir()) == []
