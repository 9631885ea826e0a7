"""What the tests of the VirtualBox backend share: a real VBoxManage, and a cache of their own."""

from collections.abc import Callable, Iterator

import pytest

from labkernel import images
from labkernel.backends.virtualbox import records, vboxmanage
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from tests.virtualbox import root
from tests.virtualbox.qemu import Qemu
from tests.virtualbox.root import VirtualBox

MakeBackend = Callable[..., VirtualBoxBackend]


@pytest.fixture(scope="module")
def virtualbox() -> Iterator[VirtualBox]:
    """VirtualBox with nothing registered, whose VBoxManage the backend finds."""
    images.build("vm")
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
def make_backend(virtualbox: VirtualBox, qemu: Qemu) -> MakeBackend:
    """Backends whose machines QEMU runs."""
    return lambda instance="contract": VirtualBoxBackend(instance, linger=0, hypervisor=qemu)
