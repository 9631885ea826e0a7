"""Whatever goes wrong, nothing of ours is left running or registered, and nothing of the user's is
changed."""

import os
import random
import shutil
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest

from labkernel.backends.virtualbox import access, backend, clones, imports, records
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.records import UP, Clone, Record
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from labkernel.errors import BackendError, NodeLost
from labkernel.topology import Node, Topology
from labkernel.vm.seed import Keys, Seed
from tests.backends import inventory
from tests.virtualbox import root
from tests.virtualbox.conftest import MakeBackend
from tests.virtualbox.qemu import Qemu
from tests.virtualbox.root import VirtualBox

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(900)]

ONE = Topology("one", (Node("alpha"),))
ROUNDS = 20
_UP = """
import sys
from pathlib import Path
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.testing.contract import CONTRACT_TOPOLOGY
from tests.virtualbox.qemu import Qemu
print("begins", flush=True)
paused = Qemu(Path(sys.argv[1]), paused=True)
VirtualBoxBackend("victim", linger=0, hypervisor=paused).up(CONTRACT_TOPOLOGY)
"""

State = Callable[[], object]


@pytest.fixture(scope="module", autouse=True)
def imported(base: imports.Base) -> None:
    """The image is imported, as it is from the second lab on."""


@pytest.fixture
def theirs(manage: VBoxManage, virtualbox: VirtualBox) -> Path:
    """The file of a machine of the user's, called as one of ours would be."""
    folder = virtualbox.shared / "theirs"
    name = "labkernel-victim-alpha"
    if not folder.exists():
        manage.run("createvm", "--name", name, "--basefolder", str(folder), "--register")
    return folder / name / f"{name}.vbox"


@pytest.fixture
def state(manage: VBoxManage, qemu: Qemu, theirs: Path) -> State:
    """All that is there: machines, media, processes, records, and the user's machine in full."""

    def all_() -> object:
        media = (manage.media("hdds"), manage.media("dvds"))
        return (
            manage.machines(), media, qemu.running(manage), records.folders(), theirs.read_bytes()
        )  # fmt: skip

    return all_


@pytest.mark.long
def test_a_machine_that_never_boots(qemu: Qemu, state: State) -> None:
    """A machine that does not answer in time is an error with its console's last lines."""
    before = state()
    backend = VirtualBoxBackend("one", linger=0, hypervisor=qemu, boot_within=6)
    with pytest.raises(NodeLost, match=r"alpha: no answer on SSH within 6 s\. .*last lines: .*\w"):
        backend.up(ONE)
    assert state() == before


class Mortal(Qemu):
    """QEMU, which is killed as soon as it runs."""

    def start(self, manage: VBoxManage, uuid: str) -> None:
        """Start it, and kill it."""
        super().start(manage, uuid)
        pid = self._pid(uuid)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


@pytest.mark.rare
def test_a_machine_that_ends_while_it_boots(qemu: Qemu, state: State) -> None:
    """A machine that ends before it answers is an error at once, not when its time is over."""
    before = state()
    backend = VirtualBoxBackend("one", linger=0, hypervisor=Mortal(qemu.folder))
    with pytest.raises(NodeLost, match=r"alpha: its machine has ended"):
        backend.up(ONE)
    assert state() == before


class Nobody(Hypervisor):
    """Starts nothing: what is registered can then be looked at."""

    def require(self, manage: VBoxManage) -> None:
        """It needs nothing."""

    def start(self, manage: VBoxManage, uuid: str) -> None:
        """Keep what is registered."""
        self.told = manage.values("showvminfo", uuid)
        raise BackendError("not started")


def test_a_port_that_is_taken_meanwhile(
    manage: VBoxManage, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that somebody took after it was chosen is given up for another, before the start."""
    before, nobody = state(), Nobody()
    backend = VirtualBoxBackend("one", linger=0, hypervisor=nobody)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(
            "labkernel.backends.virtualbox.starting.Clone",
            lambda node, uuid, _: Clone(node, uuid, port),
        )
        with pytest.raises(BackendError, match="not started"):
            backend.up(ONE)
    rule = nobody.told["Forwarding(0)"].split(",")
    assert (rule[2], rule[3] != str(port)) == ("127.0.0.1", True)
    assert state() == before


class Elsewhere(Qemu):
    """Starts a machine on whose port another one answers; the second time it refuses."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, paused=True)
        self.rules: list[str] = []
        self.stopped = 0
        self.server = socket.socket()

    def start(self, manage: VBoxManage, uuid: str) -> None:
        """Let a server of SSH that has another key take the port, and start the machine."""
        self.rules.append(manage.values("showvminfo", uuid)["Forwarding(0)"])
        if len(self.rules) > 1:
            raise BackendError("not started")
        port = int(self.rules[0].split(",")[3])
        self.server = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        client, _ = self.server.accept()
        transport = paramiko.Transport(client)
        transport.add_server_key(paramiko.ECDSAKey.generate())
        # whoever it is not for hangs up
        with suppress(EOFError, OSError, paramiko.SSHException):
            transport.start_server(server=paramiko.ServerInterface())

    def stop(self, manage: VBoxManage, uuid: str) -> None:
        """Count how often."""
        self.stopped += 1
        super().stop(manage, uuid)


def test_another_machine_answers(qemu: Qemu, state: State) -> None:
    """Where another machine answers on the port, by its key, ours is stopped and started on another
    port; it is never told anything."""
    before, elsewhere = state(), Elsewhere(qemu.folder)
    with elsewhere.server, pytest.raises(BackendError, match="not started"):
        VirtualBoxBackend("one", linger=0, hypervisor=elsewhere).up(ONE)
    elsewhere.server.close()
    first, second = (rule.split(",")[3] for rule in elsewhere.rules)
    assert first != second
    assert elsewhere.stopped > 0
    assert state() == before


def test_too_little_memory(make_backend: MakeBackend, state: State) -> None:
    """A lab that does not fit into the memory is refused before anything is made."""
    before = state()
    big = Topology("big", (Node("alpha", memory=100_000_000),))
    with pytest.raises(BackendError, match=r"take 100000000 MB of memory, and \d+ MB are free"):
        make_backend("big").up(big)
    assert state() == before


def test_a_full_disk(ova: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that fills the disk says so; nothing of it stays registered."""
    shared = root.short_directory()
    (shared / "full").mkdir()
    small = VirtualBox(shared, room="60m")
    monkeypatch.setenv(records.VARIABLE, str(shared / "full" / "ours"))
    manage = VBoxManage(small.program)
    kept = Path(shutil.copy(ova, shared))
    elsewhere = imports.Ova("vm", "full", lambda _: kept)
    try:
        with pytest.raises(BackendError, match="the disk is full"):
            imports.base(manage, elsewhere)
        assert (manage.machines(), manage.media("hdds")) == ({}, {})
    finally:
        small.end()
        root.remove(shared)


def test_a_program_that_cannot_be_run() -> None:
    """A VBoxManage that is not where it was said to be is told by its path."""
    with pytest.raises(BackendError, match=r"/nowhere/VBoxManage can't be run"):
        VBoxManage(Path("/nowhere/VBoxManage")).run("--version")


@pytest.mark.long
def test_killed_at_any_moment(make_backend: MakeBackend, qemu: Qemu, state: State) -> None:
    """Whenever labkernel is killed while it starts a lab, the next use takes away what it left:
    machines, disks, CDs, processes, records; and the user's machine is as before."""
    before, chance = state(), random.Random(4)
    for _ in range(ROUNDS):
        with inventory.client("-c", _UP, str(qemu.folder)) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == "begins\n"
            time.sleep(chance.uniform(0, 3))  # the moment is what is tried out here
        assert make_backend("").running() == []
        assert state() == before


@pytest.mark.long
def test_vboxmanage_is_killed(virtualbox: VirtualBox, state: State) -> None:
    """Where VBoxManage itself is killed in the middle of a clone, that is an error of the lab's
    start, and nothing is left."""
    before = state()
    for moment in (0.08, 0.1, 0.12, 0.15, 0.2):
        program = virtualbox.shared / "mortal"
        program.write_text(
            f'#!/bin/sh\nif [ "$1" = clonevm ]; then timeout -s KILL {moment} '
            f'{virtualbox.program} "$@"; else exec {virtualbox.program} "$@"; fi\n'
        )
        program.chmod(0o700)
        backend = VirtualBoxBackend("one", linger=0, hypervisor=Nobody())
        backend._manage = VBoxManage(program)
        with pytest.raises(BackendError, match=r"exit code 137|not started"):
            backend.up(ONE)
        assert backend.running() == []
        assert state() == before


@pytest.fixture
def paused(virtualbox: VirtualBox) -> Iterator[Qemu]:
    """What runs machines in the place of VirtualBox; they need not boot."""
    machines = Qemu(virtualbox.shared / "paused", paused=True)
    yield machines
    machines.end()


@pytest.fixture
def lab(manage: VBoxManage, base: imports.Base, paused: Qemu) -> Record:
    """A lab that runs, as far as its records and its machine go."""
    with records.locked():
        folder = records.new_folder("one")
    clone = Clone("alpha", str(uuid.uuid4()), 40_023)
    record = Record(folder, "one", "one", "", 3600, UP, (clone,))
    record.write()
    cd = access.seed(folder, Seed("alpha", Keys.new()))
    clones.make(manage, record, ONE, clone, base, cd)
    paused.start(manage, clone.uuid)
    return record


def test_its_server_was_stopped(
    lab: Record,
    manage: VBoxManage,
    paused: Qemu,
    virtualbox: VirtualBox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lab whose server was stopped is listed as one that does not answer; who ends it is told so,
    and its machines end; and when the server answers again, nothing of the lab is left."""
    machine = lab.clones[0].uuid
    ours = VirtualBoxBackend("one", hypervisor=paused)
    monkeypatch.setattr(backend, "_LIST", 60.0)  # a busy machine is not one that was stopped
    assert [each["answers"] for each in ours.running()] == [True]
    os.kill(virtualbox.server(), signal.SIGSTOP)
    try:
        with monkeypatch.context() as hurried:
            hurried.setattr(backend, "_LIST", 1.5)
            hurried.setattr(backend, "_SERVED", 2.0)
            assert ours.running() == [lab.description(answers=False)]
            with pytest.raises(BackendError, match=r"\(VBoxSVC\) does not answer.* were ended"):
                ours.down()
        assert machine not in paused.running(manage)
    finally:
        os.kill(virtualbox.server(), signal.SIGCONT)
    assert ours.running() == []
    assert machine not in manage.machines()
    assert not lab.folder.exists()
