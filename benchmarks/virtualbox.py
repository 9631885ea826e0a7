"""An image's import into VirtualBox, a node's machine, beside VBoxManage by hand; and a command.

``python benchmarks/virtualbox.py [--json] [--rounds N]``; what is compared is in README.md.
"""

import os
import shutil
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
from common import HERE, OURS, Report, Target, options, turns

sys.path.insert(0, str(HERE.parent))

from labkernel import images, vm
from labkernel.backends.virtualbox import (
    access,
    cleanup,
    clones,
    imports,
    records,
    vboxmanage,
)
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.backends.virtualbox.imports import Base, Ova
from labkernel.backends.virtualbox.records import Clone, Record
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from labkernel.testing import CONTRACT_TOPOLOGY
from labkernel.topology import Node, Topology
from tests.virtualbox import root
from tests.virtualbox.qemu import Qemu

BY_HAND, PARAMIKO = "VBoxManage", "paramiko"
WAYS = (OURS, BY_HAND, PARAMIKO)
TARGETS = {
    "import": (Target(BY_HAND, 1.0, 1.0),),
    "clone": (Target(BY_HAND, 1.5),),
    "true": (Target(PARAMIKO),),
}
ONE = Topology("one", (Node("alpha"),))


def main() -> int:
    parser = options(__doc__, rounds=5)
    parser.add_argument("--cases", default=",".join(TARGETS), help="(default: %(default)s)")
    given = parser.parse_args()
    report, cases = Report("virtualbox", WAYS), given.cases.split(",")
    with _virtualbox() as (manage, ova):
        if "import" in cases:
            _measure(report, "import", _imports(manage, ova), given.rounds)
        if "clone" in cases:
            _measure(report, "clone", _clones(manage, ova), given.rounds)
        if "true" in cases:
            with _machine(manage, ova) as backend:
                _measure(report, "true", _commands(backend), given.rounds * 10)
    report.show(given.json)
    return 0


def _measure(report: Report, case: str, ways: dict[str, Callable[[], float]], rounds: int) -> None:
    samples: dict[str, list[float]] = {}
    for way, seconds in turns(ways, rounds, 120, report, case):
        samples.setdefault(way, []).append(seconds)
    report.add(case, samples, TARGETS[case])


@contextmanager
def _machine(manage: VBoxManage, ova: Path) -> Iterator[VirtualBoxBackend]:
    """A node that has booted, in QEMU: nothing here has VirtualBox's driver."""
    imports.base(manage, Ova("vm", images.find("vm").digest, lambda _: ova))
    machines = Qemu(ova.parent / "qemu")
    os.environ[vboxmanage.VARIABLE] = str(manage.program)
    backend = VirtualBoxBackend("one", linger=0, hypervisor=machines)
    try:
        backend.up(ONE)
        yield backend
        backend.down()
    finally:
        machines.end()


def _commands(backend: VirtualBoxBackend) -> dict[str, Callable[[], float]]:
    """By hand: a connection to the same machine, and on it a session for each command."""
    record = records.find("one")
    assert record
    sock = socket.create_connection(("127.0.0.1", record.clone("alpha").port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(sock)
    key = paramiko.ECDSAKey.from_private_key_file(str(record.folder / "key"))
    transport.connect(username="root", pkey=key)

    def by_hand() -> None:
        with transport.open_session() as channel:
            channel.exec_command("true")
            channel.recv_exit_status()

    return {
        OURS: lambda: _timed(lambda: backend.run("alpha", ["true"])),
        PARAMIKO: lambda: _timed(by_hand),
    }


@contextmanager
def _virtualbox() -> Iterator[tuple[VBoxManage, Path]]:
    """The installation that the tests use, and an OVA that it sees."""
    images.build("vm")
    shared = root.short_directory()
    os.environ[records.VARIABLE] = str(shared / "ours")
    installed = root.VirtualBox(shared)
    try:
        vm.export("vm", shared / "vm.ova")
        yield VBoxManage(installed.program), shared / "vm.ova"
    finally:
        installed.end()
        root.remove(shared)


def _imports(manage: VBoxManage, ova: Path) -> dict[str, Callable[[], float]]:
    def ours() -> float:
        made = Ova("vm", uuid.uuid4().hex[:16], lambda _: ova)
        seconds = _timed(lambda: imports.base(manage, made))
        cleanup.take_away(manage, records.directory() / "bases" / made.name)
        return seconds

    def by_hand() -> float:
        name, folder = f"hand-{uuid.uuid4().hex}", ova.parent / "hand"
        words = ["--vsys", "0", "--vmname", name, "--basefolder", str(folder)]
        seconds = _timed(
            lambda: (
                manage.run("import", str(ova), *words, "--options", "importtovdi"),
                manage.run("snapshot", name, "take", "imported"),
            )
        )
        manage.run("unregistervm", name, "--delete")
        shutil.rmtree(folder)
        return seconds

    return {OURS: ours, BY_HAND: by_hand}


def _clones(manage: VBoxManage, ova: Path) -> dict[str, Callable[[], float]]:
    """A machine with two NICs on internal networks, a CD, a forwarded port, and a snapshot."""
    base = imports.base(manage, Ova("vm", "0" * 16, lambda _: ova))
    with records.locked():
        folder = records.new_folder("contract")
    record = Record(folder, "contract", "contract", "", 0)
    record.write()
    cd = access.seed(folder, vm.Seed("alpha", vm.Keys.new()))

    def ours() -> float:
        clone = Clone("alpha", str(uuid.uuid4()), 40_022)
        seconds = _timed(lambda: clones.make(manage, record, CONTRACT_TOPOLOGY, clone, base, cd))
        cleanup.unregister(manage, clone.uuid, folder)
        return seconds

    return {OURS: ours, BY_HAND: lambda: _clone_by_hand(manage, base, folder, cd)}


def _clone_by_hand(manage: VBoxManage, base: Base, folder: Path, cd: Path) -> float:
    name, where = "hand", f"--basefolder={folder / 'machines'}"
    nics = ["--nic1", "nat", "--nat-pf1", "ssh,tcp,127.0.0.1,40022,,22"]
    for number in (2, 3):
        nics += [f"--nic{number}", "intnet", f"--intnet{number}", "n", f"--nic-type{number}"]
        nics += ["virtio"]
    place = ["--storagectl", "SATA", "--port", "1", "--device", "0", "--type", "dvddrive"]
    link = [f"--snapshot={base.snapshot}", "--options=link", f"--name={name}", where, "--register"]
    steps = [
        ["clonevm", base.uuid, *link],
        ["modifyvm", name, *nics],
        ["storageattach", name, *place, "--medium", str(cd)],
        ["snapshot", name, "take", "new"],
    ]
    seconds = _timed(lambda: [manage.run(*words) for words in steps])
    manage.run("unregistervm", name, "--delete")
    return seconds


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
