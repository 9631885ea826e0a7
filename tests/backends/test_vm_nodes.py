"""VM nodes beside namespace nodes do what every node must, and are themselves after a restore."""

import hashlib
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ClassVar, cast

import pytest

from labkernel import Lab, RunningLab, images, settings
from labkernel.attempt import Nodes, read_file
from labkernel.backends.base import Backend
from labkernel.backends.namespaces import (
    NamespacesBackend,
    boot,
    discovery,
    template,
    vm_requirements,
)
from labkernel.errors import BackendError, BackendUnavailable, NodeLost
from labkernel.notebook import magic
from labkernel.notebook.current import notebook
from labkernel.notebook.session import Session
from labkernel.progress import OnProgress
from labkernel.testing import (
    BackendContract,
    CablesContract,
    DialContract,
    ShellContract,
    StateContract,
    TurnsContract,
)
from labkernel.topology import Node, Topology
from labkernel.vm import identity
from labkernel.vm.shape import Shape
from tests.backends import inventory
from tests.backends.endless_lab import VM_TOPOLOGY

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(600)]

_ENDLESS = Path(__file__).with_name("endless_lab.py")
_ROUNDS = 20


@pytest.fixture(scope="module")
def make_backend(runtime_directory: Path) -> Callable[..., NamespacesBackend]:
    """Backends that end with their clients, in a runtime directory of these tests' own."""
    images.build("vm")
    return lambda instance="contract": NamespacesBackend(instance, linger=0)


class TestVm(
    BackendContract, ShellContract, DialContract, CablesContract, StateContract, TurnsContract
):
    """See BackendContract; alpha is a VM, bravo a namespace node."""

    topology: ClassVar[Topology] = VM_TOPOLOGY
    huge: ClassVar[int] = 10_000_000
    hurried: ClassVar[int] = 40

    # with bravo, a namespace node, as in test_namespaces; with a VM not yet
    test_dial = None  # type: ignore[assignment]

    def test_a_vm_is_not_spoken_with(self, backend: NamespacesBackend) -> None:
        """That commands on a VM can't be spoken with is said in a sentence."""
        with pytest.raises(BackendError, match="alpha: it is a VM"):
            backend.dial("alpha", ["cat"])

    def test_shell_of_a_vm(self, backend: NamespacesBackend) -> None:
        """The shell command opens a shell on the VM as well."""
        words = backend.shell("alpha")
        done = subprocess.run(words, input=b"hostname; exit 5\n", capture_output=True, timeout=60)
        assert (b"alpha" in done.stdout, done.returncode) == (True, 5)

    def test_its_own_identity(self, backend: Backend) -> None:
        """A restored VM has its lab's machine-id, permanent MAC addresses, and the time."""
        port = VM_TOPOLOGY.ports_of("alpha")[0]
        assert backend.run("alpha", "cat /etc/machine-id").output.strip() == identity.machine_id(
            "contract", "alpha"
        )
        shown = backend.run("alpha", "ip link show dev eth0").output
        assert port.mac in shown
        assert "permaddr" not in shown
        seconds = int(backend.run("alpha", "date +%s").output)
        assert abs(seconds - int(subprocess.check_output(["date", "+%s"]))) < 60

    def test_wires_speak_to_nobody(self, backend: NamespacesBackend) -> None:
        """Outside of its nodes a lab has no address: bridges, ends of wires and the taps of VMs
        never had one, and so were never heard."""
        pid = backend._connected().ask("describe")["pid"]
        listed = Path(f"/proc/{pid}/net/if_inet6").read_text().splitlines()
        assert [line.split()[-1] for line in listed] == ["lo"]

    def test_its_console_has_an_end(self, backend: NamespacesBackend) -> None:
        """What its root prints on its console takes no more of the machine's memory than 1 MiB, and
        neither that program nor the node hangs."""
        flood = "dd if=/dev/zero of=/dev/ttyS0 bs=64k count=18"
        assert backend.run("alpha", flood, timeout=300).ok
        fd = backend._connected().fetch("console", "alpha")
        size = os.fstat(fd).st_size
        os.close(fd)
        assert size == 1 << 20
        assert backend.run("alpha", "hostname").output == "alpha\n"

    def test_no_cd_any_more(self, backend: Backend) -> None:
        """The kernel has let go of the CD of its first boot, and so does not look for it."""
        assert backend.run("alpha", "ls /sys/block").output.split() == ["sda", "vda"]

    def test_a_file_octet_for_octet(self, backend: Backend) -> None:
        """A file of a VM can be read."""
        assert backend.run("alpha", "head -c 700000 /dev/urandom > /root/some; sync").ok
        told = backend.run("alpha", "sha256sum < /root/some").output.split()[0]
        assert (
            hashlib.sha256(read_file(cast("Nodes", backend), "alpha", "/root/some")).hexdigest()
            == told
        )

    def test_a_second_disk(self, backend: Backend) -> None:
        """It is a SATA disk of that size with nothing on it, keeps what is written, and can be
        trimmed."""
        words = "lsblk --nodeps --noheadings --bytes --output TYPE,TRAN,SIZE /dev/sda"
        assert backend.run("alpha", words).output.split() == ["disk", "sata", str(1 << 30)]
        whole = "cmp --bytes=67108864 /dev/zero /dev/sda"
        assert backend.run("alpha", f"{whole} && wipefs /dev/sda").output == ""
        write = "head -c 1M /dev/urandom > /run/some && dd if=/run/some of=/dev/sda oflag=direct"
        assert backend.run("alpha", f"{write} bs=64K && cmp --bytes=1M /run/some /dev/sda").ok
        assert backend.run("alpha", f"blkdiscard --force /dev/sda && {whole}").ok

    @pytest.mark.rare
    def test_a_second_disk_is_empty_at_each_start(
        self, make_backend: Callable[..., NamespacesBackend]
    ) -> None:
        """What one start wrote to it is not there at the next one, nor beside the template."""
        backend = make_backend("disk")
        for _ in range(2):
            backend.up(VM_TOPOLOGY)
            try:
                assert backend.run("alpha", "wipefs /dev/sda").output == ""
                assert backend.run("alpha", "mkfs.ext4 -q /dev/sda && wipefs /dev/sda").output
            finally:
                backend.down()
        assert list(template.directory().rglob("second.raw")) == []

    def test_more_than_there_is_memory_for(self, backend: Backend) -> None:
        """A guest that writes more to it than its node's memory= is told, and goes on."""
        write = "dd if=/dev/zero of=/dev/sda bs=4M count=250 oflag=direct"
        done = backend.run("alpha", write, timeout=120)
        assert "error writing '/dev/sda'" in done.output
        assert backend.run("alpha", "blkdiscard --force /dev/sda").ok

    def test_free_commands_in_a_cell(
        self,
        backend: Backend,
        make_backend: Callable[..., NamespacesBackend],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """%%node runs a cell's text on a VM, and says how it ended: as it comes, and headless."""
        topology = VM_TOPOLOGY
        lab = Lab("contract", topology.nodes, topology.links)
        session = Session(RunningLab(lab, make_backend()).up())
        monkeypatch.setattr(notebook, "_sessions", {lab: session})
        monkeypatch.setattr(notebook, "lab", lab)
        monkeypatch.setattr(notebook, "run_steps", False)
        monkeypatch.delenv(settings.AUTO, raising=False)
        magic.node("alpha", "uname -r; exit 3")
        assert re.fullmatch(r"\S+-cloud-amd64\n\[exit code 3\]\n", capsys.readouterr().out)
        monkeypatch.setattr(notebook, "run_steps", True)
        magic.node("--timeout 20 alpha", "hostname")
        assert "alpha$ hostname\nalpha" in capsys.readouterr().out

    def test_a_vm_that_is_killed(self, make_backend: Callable[..., NamespacesBackend]) -> None:
        """A VM whose QEMU ends fails its commands by name, and leaves the other nodes running."""
        backend = make_backend("killed")
        backend.up(VM_TOPOLOGY)
        try:
            _kill_qemu_of(backend)
            with pytest.raises(NodeLost, match="alpha"):
                backend.run("alpha", "true")
            assert backend.run("bravo", "true").ok
        finally:
            backend.down()

    def test_it_asks_the_kernel_for_no_more_than_a_node(self, backend: NamespacesBackend) -> None:
        """QEMU has the filter of system calls that nodes have, beside its own."""
        with os.fdopen(_qemu_of(backend)) as qemu:
            told = Path(f"/proc/self/fdinfo/{qemu.fileno()}").read_text()
        pid = re.search(r"^Pid:\s+(\d+)$", told, re.MULTILINE)
        assert pid
        assert "\nSeccomp_filters:\t2\n" in Path(f"/proc/{pid[1]}/status").read_text()

    @pytest.mark.rare
    def test_a_vm_that_stands_still(
        self,
        backend: Backend,
        make_backend: Callable[..., NamespacesBackend],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A VM whose QEMU was stopped is listed as that, at once; its commands end; its lab's other
        nodes and other labs go on, and its lab ends when it is told to."""
        stopped = make_backend("stopped")
        stopped.up(VM_TOPOLOGY)
        monkeypatch.setattr("labkernel.backends.ssh.runner.START", 0.5)
        try:
            qemu = _qemu_of(stopped)
            signal.pidfd_send_signal(qemu, signal.SIGSTOP)
            expected, until = {"contract": [], "stopped": ["alpha"]}, time.monotonic() + 20
            told: dict[str, list[str]] = {}
            while told != expected and time.monotonic() < until:  # each of its threads stops
                told = {each["instance"]: each["stopped"] for each in discovery.running()}
            assert told == expected
            with pytest.raises(NodeLost, match="alpha"):
                stopped.run("alpha", "true")
            monkeypatch.undo()
            assert stopped.run("bravo", "true").ok
            assert backend.run("alpha", "true").ok
        finally:
            stopped.down()
        assert discovery.has_ended(qemu, 20)
        os.close(qemu)


_STARTS = """
import sys, time
from labkernel.backends.namespaces import NamespacesBackend
from labkernel.backends.namespaces.machines import Machines
from tests.backends.endless_lab import VM_TOPOLOGY
Machines.restore = lambda *_: (print("starting", flush=True), time.sleep(600))
NamespacesBackend("half", linger=3600).up(VM_TOPOLOGY)
"""


@pytest.mark.rare
def test_killed_before_its_vms_are_restored(
    make_backend: Callable[..., NamespacesBackend], folder: Path
) -> None:
    """Who attaches to a lab that another process is starting waits for that; where the other is
    killed, its lab ends however long it should linger, and who waits starts one."""
    words = [sys.executable, "-c", _STARTS]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "starting\n"
        (told,) = discovery.running()
        second = make_backend("half")
        with ThreadPoolExecutor() as pool:
            up = pool.submit(second.up, VM_TOPOLOGY)
            with pytest.raises(TimeoutError):
                up.result(1.0)  # it waits
            first.kill()
            up.result(120)
    try:
        (now,) = discovery.running()
        assert now["pid"] != told["pid"]
        assert second.run("alpha", "hostname").output == "alpha\n"
    finally:
        second.down()


def _kill_qemu_of(backend: NamespacesBackend) -> None:
    """Kill the child of a lab's supervisor that is a QEMU, and wait for its end."""
    fd = _qemu_of(backend)
    signal.pidfd_send_signal(fd, signal.SIGKILL)
    assert select.select([fd], [], [], 20)[0]
    os.close(fd)


def _qemu_of(backend: NamespacesBackend) -> int:
    """A pidfd of the child of a lab's supervisor that is a QEMU."""
    pid = backend._connected().ask("describe")["pid"]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if b"qemu-system" in Path(f"/proc/{child}/cmdline").read_bytes():
            return os.pidfd_open(int(child))
    raise AssertionError("there is no QEMU")


@pytest.fixture
def folder() -> Iterator[Path]:
    """The template of the contract's VM."""
    shape = Shape.of(images.find("vm"), 256, 2, False, disk=1)
    found = template.ready(shape, lambda *_: None)
    yield found.folder
    os.close(found.held)


@pytest.mark.parametrize("name", ["ram", "state", "disk.raw", "disk.qcow2", "keys.json"])
def test_a_damaged_template_is_not_used(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One changed octet in any file of a template, or a missing end, is found by its digest."""

    def make(which: Shape, folder: Path, tell: OnProgress) -> None:
        for each in ("ram", "state", "disk.raw", "disk.qcow2", "keys.json"):
            (folder / each).write_bytes(os.urandom(1 << 16))

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(boot, "make", make)
    shape = Shape.of(images.find("base"), 16, 2, nested=False)
    monkeypatch.setattr(template, "_require_room", lambda _: None)
    (tmp_path / "labkernel").mkdir()
    template.directory().mkdir(mode=0o700)
    template._make(shape, lambda *_: None)
    place = template.directory() / shape.digest
    assert template._is_whole(place)
    with (place / name).open("r+b") as file:
        file.seek(100)
        octet = file.read(1)
        file.seek(100)
        file.write(bytes([octet[0] ^ 1]))
        file.flush()
        assert not template._is_whole(place)
        file.seek(100)
        file.write(octet)
    assert template._is_whole(place)
    os.truncate(place / name, 199)
    assert not template._is_whole(place)


def test_no_taps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no device for taps, or it is closed to the user, that is said beforehand."""
    with pytest.raises(BackendUnavailable, match=r"VMs need .* Try: sudo modprobe tun"):
        vm_requirements._require_taps(str(tmp_path / "tun"))
    (tmp_path / "tun").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BackendUnavailable, match=r"may not open\. Try: sudo chmod 666"):
        vm_requirements._require_taps(str(tmp_path / "tun"))


def test_a_vm_on_no_link_needs_no_taps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who is on a link asks for the device of taps."""
    absent = partial(vm_requirements._require_taps, "/dev/absent")
    monkeypatch.setattr(vm_requirements, "_require_taps", absent)
    vm_requirements.require(Topology("alone", (Node("alpha", image="vm", kernel=True),)))
    with pytest.raises(BackendUnavailable, match="VMs need /dev/absent"):
        vm_requirements.require(VM_TOPOLOGY)


def test_too_little_memory(make_backend: Callable[..., NamespacesBackend]) -> None:
    """A lab whose VMs need more memory than there is says so beforehand, in numbers."""
    large = Topology("large", (Node("alpha", image="vm", kernel=True, memory=1 << 24),))
    with pytest.raises(BackendError, match=r"has \d+ MiB of memory left, .*\(alpha\) take 1677"):
        make_backend("large").up(large)


def test_too_small_a_disk(
    make_backend: Callable[..., NamespacesBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first boot for which there is no room says so beforehand, in numbers."""
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    odd = Topology("odd", (Node("alpha", image="vm", kernel=True, memory=251),))
    with pytest.raises(BackendError, match=r"has 1 MiB left, and .* takes \d+ MiB"):
        make_backend("odd").up(odd)


def _kill_one(chance: random.Random, pids: list[int]) -> str:
    """Kill any of these processes that still runs; returns what ran in it."""
    for pid in chance.sample(pids, len(pids)):
        name = _program(pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it has just ended by itself
        return name
    raise AssertionError("nothing runs that could be killed")


def _qemus(mark: str) -> list[int]:
    """The lab's VMs, and not what only asks QEMU for its version."""
    return [pid for pid in inventory.of_lab(mark)[1] if b"-incoming" in _words(pid)]


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return [b""]  # it has just ended by itself


def _program(pid: int) -> str:
    return Path(_words(pid)[0].decode()).name


@pytest.mark.long
def test_killed_at_random_moments(runtime_directory: Path, folder: Path, tmp_path: Path) -> None:
    """Whichever process of a lab with a VM is killed at whatever moment, nothing is left: no QEMU,
    no namespace, no socket, no file."""
    mark = f"XDG_RUNTIME_DIR={runtime_directory}"
    chance, killed = random.Random(9), set()
    for number in range(_ROUNDS):
        before = inventory.host()
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        with inventory.client(_ENDLESS, "0", "vm", environment=environment):
            threading.Event().wait(chance.uniform(0.3, 5.0))
            qemu_alone = (
                number % 4 == 3
            )  # chance might spare it, and a slow machine has none so soon
            if qemu_alone:
                assert inventory.wait_until(lambda: bool(_qemus(mark)), 60)
            spaces, pids = inventory.of_lab(mark)
            pids = _qemus(mark) if qemu_alone else pids
            until, name = inventory.now(), _kill_one(chance, pids)
            killed.add(name)
            threading.Event().wait(chance.uniform(0.0, 0.3))
        where = f"round {number}, killed {name}"
        assert inventory.wait_until(lambda: not inventory.inside(spaces, until)), where  # noqa: B023
        assert inventory.wait_until(lambda: not inventory.marked(mark)), where
        assert inventory.host() == before, where
        assert discovery.running() == [], where
        assert list((runtime_directory / "labkernel").iterdir()) == [], where
        assert list(tmp_path.iterdir()) == [], where
    assert any("qemu" in name for name in killed), killed


@pytest.mark.long
def test_a_machine_that_never_boots(
    make_backend: Callable[..., NamespacesBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first boot that comes to nothing ends with the console's last lines, and leaves nothing."""
    monkeypatch.setattr(boot, "_COMMAND_LINE", "root=/dev/none console=ttyS0 panic=-1 init=/none")
    monkeypatch.setattr(boot, "_BOOT", 25.0)
    odd = Topology("odd", (Node("alpha", image="vm", kernel=True, memory=252),))
    with pytest.raises(BackendError, match=r"a VM does not boot: .*console's last lines: .*\w{3}"):
        make_backend("odd").up(odd)
    assert not (template.directory() / "unfinished").exists()
