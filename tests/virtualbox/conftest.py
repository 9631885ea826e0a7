"""What the tests of the VirtualBox backend share: a real VBoxManage, and a cache of their own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel import images, vm
from labkernel.backends.virtualbox import imports, records, vboxmanage
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.backends.virtualbox.imports import Base, Ova
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from tests.virtualbox import root
from tests.virtualbox.qemu import Qemu
from tests.virtualbox.root import VirtualBox

MakeBackend = Callable[..., VirtualBoxBackend]


@pytest.fixture(scope="session")
def ova(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image for VMs as an OVA."""
    images.build("vm")
    path = tmp_path_factory.mktemp("ova") / "vm.ova"
    vm.export("vm", path)
    return path


@pytest.fixture(scope="module")
def base(manage: VBoxManage, ova: Path) -> Base:
    """The imported image, as a lab's start would find it."""
    digest = images.find("vm").digest
    return imports.base(manage, Ova("vm", digest, lambda folder: Path(shutil.copy(ova, folder))))


@pytest.fixture(scope="module")
def virtualbox() -> Iterator[VirtualBox]:
    """VirtualBox with nothing registered, whose VBoxManage the backend finds."""
    shared = root.short_directory()
    installed = VirtualBox(shared)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(vboxmanage.VARIABLE, str(installed.program))
        patch.setenv(records.VARIABLE, str(shared / "ours"))
        yield installed
    installed.end()
    root.remove(shared)


@pytest.fixture(scope="module")
def manage(virtualbox: VirtualBox) -> VBoxManage:
    """Its VBoxManage."""
    return VBoxManage(virtualbox.program)


@pytest.fixture(scope="module")
def qemu(virtualbox: VirtualBox) -> Iterator[Qemu]:
    """What answers in the place of VirtualBox's machines."""
    machines = Qemu(virtualbox.shared / "qemu")
    yield machines
    machines.end()


@pytest.fixture(scope="module")
def make_backend(base: Base, qemu: Qemu) -> MakeBackend:
    """Backends whose machines QEMU runs."""

    def make(instance: str = "contract") -> VirtualBoxBackend:
        return VirtualBoxBackend(instance, linger=0, hypervisor=qemu, boot_within=600)

    return make
