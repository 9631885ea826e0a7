"""Everything up to a machine's start, by the real VBoxManage, and the start's failure."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel import images, vm
from labkernel.backends.virtualbox import access, appliances, cleanup, clones, imports, records
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.imports import Base, Ova
from labkernel.backends.virtualbox.records import Clone, Record
from labkernel.backends.virtualbox.vboxmanage import Refused, VBoxManage
from labkernel.errors import BackendUnavailable, ImageError
from labkernel.testing import CONTRACT_TOPOLOGY
from labkernel.topology import Node, Topology
from labkernel.vm.seed import CONTROL_MAC
from tests.virtualbox.root import VirtualBox

pytestmark = [pytest.mark.backend, pytest.mark.slow]


class Undaunted(Hypervisor):
    """VirtualBox's own, which is not asked beforehand whether it could start a machine."""

    def require(self, manage: VBoxManage) -> None:
        """It tries."""


@pytest.fixture(scope="module")
def base(manage: VBoxManage) -> Base:
    """The image, made and imported by the backend itself."""
    images.build("vm")
    return imports.base(manage, appliances.find("base"))


@pytest.fixture
def registered(manage: VBoxManage) -> Callable[[], dict[str, Path]]:
    """What is registered now: machines and media."""

    def all_() -> dict[str, Path]:
        return manage.machines() | manage.media("hdds") | manage.media("dvds")

    return all_


@pytest.fixture
def lab(manage: VBoxManage, base: Base) -> Iterator[Record]:
    """A lab that is being started: nothing is made yet."""
    with records.locked():
        folder = records.new_folder("contract")
    record = Record(folder, "contract", "contract", "", 0)
    record.write()
    yield record
    cleanup.take_away(manage, folder)


def made(manage: VBoxManage, lab: Record, base: Base, node: str) -> Clone:
    """A node's machine, registered."""
    clone = Clone(node, str(uuid.uuid4()), 40_022)
    cd = access.seed(lab.folder, vm.Seed(node, vm.Keys.new()))
    clones.make(manage, lab.with_clone(clone), CONTRACT_TOPOLOGY, clone, base, cd)
    return clone


@pytest.mark.rare
def test_imported_once(manage: VBoxManage, base: Base) -> None:
    """An image is imported once: the next lab finds the machine, by its file and its snapshot."""
    before = manage.machines()
    assert imports.base(manage, appliances.find("base")) == base
    assert manage.machines() == before
    digest = images.find("vm").digest
    assert manage.values("showvminfo", base.uuid)["name"] == f"labkernel-vm-{digest}"


def test_what_a_node_becomes(manage: VBoxManage, lab: Record, base: Base) -> None:
    """A node is a linked clone with its NICs in the declared order, with the declared addresses,
    on networks of its own lab; commands come in by NAT, from 127.0.0.1 alone."""
    told = manage.values("showvminfo", made(manage, lab, base, "bravo").uuid)
    ports = CONTRACT_TOPOLOGY.ports_of("bravo")
    assert [told[f"macaddress{n}"] for n in (1, 2, 3)] == [
        mac.replace(":", "").upper() for mac in (CONTROL_MAC, *(port.mac for port in ports))
    ]
    assert [told[f"nic{n}"] for n in (1, 2, 3, 4)] == ["nat", "intnet", "intnet", "none"]
    assert [told[f"intnet{n}"] for n in (2, 3)] == [clones.network(lab, p.link) for p in ports]
    assert told["Forwarding(0)"] == "ssh,tcp,127.0.0.1,40022,,22"
    assert told["localhostReachable"] == "0"
    assert told["uartmode1"] == f"file,{lab.folder}/bravo.console"
    assert told["SATA-1-0"] == f"{lab.folder}/bravo.iso"
    assert told["CfgFile"].startswith(f"{lab.folder}/machines/")
    disk = manage.run("showmediuminfo", "disk", told["SATA-ImageUUID-0-0"])
    assert "normal (differencing)" in disk


def test_a_second_disk(
    manage: VBoxManage, lab: Record, base: Base, registered: Callable[[], dict[str, Path]]
) -> None:
    """A node with disk= has an empty disk of that size behind its first one, which takes nothing
    yet, is empty again after a reset, and goes with the machine."""
    before = registered()
    clone = Clone("alpha", str(uuid.uuid4()), 40_022)
    topology = Topology("contract", (Node("alpha", disk=10),))
    cd = access.seed(lab.folder, vm.Seed("alpha", vm.Keys.new()))
    clones.make(manage, lab.with_clone(clone), topology, clone, base, cd)
    clones.restore(manage, clone)
    told = manage.values("showvminfo", clone.uuid)
    assert sorted(key for key in told if key.startswith("SATA-ImageUUID-")) == [
        f"SATA-ImageUUID-{port}-0" for port in (0, 1, 2)
    ]
    disk = manage.run("showmediuminfo", "disk", told["SATA-ImageUUID-2-0"])
    assert "Capacity:       10240 MBytes" in disk
    assert Path(told["SATA-2-0"]).stat().st_size < 3 << 20
    assert lab.folder in Path(told["SATA-2-0"]).parents
    cleanup.unregister(manage, clone.uuid, lab.folder)
    cleanup.take_away(manage, lab.folder)
    assert registered() == before


def test_two_labs_share_no_network(manage: VBoxManage, lab: Record) -> None:
    """Two running labs of the same declaration have networks of different names."""
    with records.locked():
        other = Record(records.new_folder("contract"), "contract", "contract", "", 0)
    assert clones.network(lab, "lan") != clones.network(other, "lan")
    cleanup.take_away(manage, other.folder)


@pytest.mark.rare
def test_a_cable_of_a_machine_that_does_not_run(
    manage: VBoxManage, lab: Record, base: Base
) -> None:
    """VBoxManage knows the command that pulls a cable, and says that the machine does not run."""
    clone = made(manage, lab, base, "alpha")
    with pytest.raises(Refused, match="is not currently running"):
        Hypervisor().set_link(manage, clone.uuid, clones.FIRST_NIC, False)


def test_another_port(manage: VBoxManage, lab: Record, base: Base) -> None:
    """A machine whose port was taken gets another one, and only that."""
    clone = made(manage, lab, base, "alpha")
    clones.forward_again(manage, Clone("alpha", clone.uuid, 40_023))
    told = manage.values("showvminfo", clone.uuid)
    assert told["Forwarding(0)"] == "ssh,tcp,127.0.0.1,40023,,22"
    assert "Forwarding(1)" not in told


def test_snapshot_and_restore(manage: VBoxManage, lab: Record, base: Base) -> None:
    """A machine is put back to what it was before its first start, but for the port that it has
    now."""
    clone = made(manage, lab, base, "alpha")
    manage.run("modifyvm", clone.uuid, "--memory", "300")
    clones.restore(manage, Clone("alpha", clone.uuid, 40_024))
    told = manage.values("showvminfo", clone.uuid)
    assert (told["memory"], told["Forwarding(0)"]) == ("512", "ssh,tcp,127.0.0.1,40024,,22")


@pytest.mark.rare
def test_a_users_machine_of_the_same_name(
    manage: VBoxManage, virtualbox: VirtualBox, lab: Record, base: Base
) -> None:
    """A machine of the user's that is called as ours is not touched, before or after."""
    theirs = virtualbox.shared / "theirs"
    words = ["--name", "labkernel-contract-alpha", "--basefolder", str(theirs), "--register"]
    manage.run("createvm", *words)
    (uuid_,) = [each for each, file in manage.machines().items() if theirs in file.parents]
    before = manage.machines()[uuid_].read_bytes()
    made(manage, lab, base, "alpha")
    cleanup.take_away(manage, lab.folder)
    assert manage.machines()[uuid_].read_bytes() == before
    manage.run("unregistervm", uuid_, "--delete")


def test_a_machine_that_is_not_ours_any_more(
    manage: VBoxManage, virtualbox: VirtualBox, lab: Record
) -> None:
    """A UUID of ours whose file is elsewhere, since the user moved it, is left alone."""
    theirs = virtualbox.shared / "theirs"
    id_ = str(uuid.uuid4())
    manage.run("createvm", "--name", "x", "--uuid", id_, "--basefolder", str(theirs), "--register")
    cleanup.unregister(manage, id_, lab.folder)
    assert id_ in manage.machines()
    manage.run("unregistervm", id_, "--delete")


def test_the_start_without_the_driver(
    manage: VBoxManage, base: Base, registered: Callable[[], dict[str, Path]]
) -> None:
    """Where VirtualBox's driver is missing, a start says so in a sentence; nothing is left."""
    before = registered()
    backend = VirtualBoxBackend("contract", linger=0, hypervisor=Undaunted())
    with pytest.raises(BackendUnavailable, match=r"not loaded \(there is no /dev/vboxdrv"):
        backend.up(CONTRACT_TOPOLOGY)
    assert registered() == before
    assert records.folders() == []


def test_seen_beforehand(virtualbox: VirtualBox) -> None:
    """That the driver is missing is seen before anything is made."""
    with pytest.raises(BackendUnavailable, match="no /dev/vboxdrv"):
        VirtualBoxBackend().require()


@pytest.mark.rare
def test_a_damaged_ova(
    manage: VBoxManage, tmp_path: Path, registered: Callable[[], dict[str, Path]]
) -> None:
    """An OVA that changed after it was loaded is refused by its digest, and nothing is imported."""
    before = registered()
    file = tmp_path / "x.ova"
    file.write_bytes(b"x")
    damaged = Ova("vm", "0123456789abcdef", lambda _: file, "0" * 64)
    with pytest.raises(ImageError, match="is damaged"):
        imports.base(manage, damaged)
    assert registered() == before


def test_loading_an_ova(virtualbox: VirtualBox, ova: Path, tmp_path: Path) -> None:
    """An OVA is loaded if it is what its manifest says; a truncated or changed one is refused."""
    assert appliances.load(ova) == "vm"
    file, whole = tmp_path / "any-name.ova", ova.read_bytes()
    for damaged in (whole[:60_000_000], whole[:50_000_000] + b"\0\1\2" + whole[50_000_003:]):
        file.write_bytes(damaged)
        with pytest.raises(ImageError, match="damaged"):
            appliances.load(file)
    (virtualbox.shared / "ours" / "ovas" / "vm.ova").write_bytes(b"")


def test_an_import_that_was_killed(
    manage: VBoxManage, base: Base, ova: Path, registered: Callable[[], dict[str, Path]]
) -> None:
    """VBoxManage is killed in the middle of an import: the next use takes away what became of it,
    also what VirtualBox's server finishes by itself."""
    before = registered()
    folder = records.directory() / "bases" / "vm-killed"
    folder.mkdir()
    words = ["import", shutil.copy(ova, folder), "--vsys", "0", "--basefolder", str(folder)]
    importing = subprocess.Popen([str(manage.program), *words], stdout=subprocess.DEVNULL)
    while len(registered()) == len(before) and importing.poll() is None:
        os.sched_yield()
    importing.kill()
    importing.wait()
    with records.locked():
        cleanup.tidy(manage, Hypervisor())
    assert registered() == before
    assert not folder.exists()


@pytest.mark.rare
def test_a_damaged_disk_is_imported_anew(manage: VBoxManage, ova: Path) -> None:
    """An imported disk that was truncated, or written to, is not used: the image is imported
    again."""
    image = Ova("damaged", "0" * 16, lambda folder: Path(shutil.copy(ova, folder)))
    first = imports.base(manage, image)
    assert imports.base(manage, image) == first
    folder = records.directory() / "bases" / image.name
    (disk,) = folder.glob("*/*.vdi")
    os.truncate(disk, 100_000)
    second = imports.base(manage, image)
    assert (second.uuid != first.uuid, disk.stat().st_size > 1_000_000) == (True, True)
    assert first.uuid not in manage.machines()
    cleanup.take_away(manage, folder)


@pytest.mark.rare
def test_an_older_image_goes(manage: VBoxManage, base: Base, ova: Path) -> None:
    """Once an image is imported anew, the machine of before goes, unless a lab uses it."""
    fetch = lambda folder: Path(shutil.copy(ova, folder))  # noqa: E731
    old = imports.base(manage, Ova("other", "0" * 16, fetch))
    with records.locked():
        folder = records.new_folder("user")
    Record(folder, "user", "user", "", 0, bases=(old.uuid,)).write()
    new = imports.base(manage, Ova("other", "1" * 16, fetch))
    assert {old.uuid, new.uuid, base.uuid} <= set(manage.machines())
    records.remove(folder)
    imports.remove(manage, "other")
    assert {old.uuid, new.uuid, base.uuid} & set(manage.machines()) == {base.uuid}


def test_import_of_what_was_loaded(
    manage: VBoxManage, ova: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where images can't be built, the OVA that was loaded is imported if its digest is right."""
    monkeypatch.setattr(appliances, "can_make", lambda: False)
    appliances.load(ova)
    loaded = imports.base(manage, appliances.find("base"))
    assert loaded.uuid in manage.machines()
    with pytest.raises(ImageError, match=r"labkernel image export vm-on-ipv6 vm-on-ipv6\.ova"):
        appliances.find("ipv6")
