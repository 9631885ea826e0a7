"""The VirtualBox backend does what every backend must.

VBoxManage is the real one; the machines that it has registered are run by QEMU, see qemu.py.  They
boot once for the whole module: by emulation alone that takes most of a minute.
"""

from collections.abc import Callable
from typing import ClassVar

import pytest

from labkernel import Lab, RunningLab
from labkernel.backends.base import Backend
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from labkernel.errors import BackendError
from labkernel.labs import start
from labkernel.testing import (
    CONTRACT_TOPOLOGY,
    BackendContract,
    CablesContract,
    ShellContract,
    StateContract,
    TurnsContract,
)
from tests.virtualbox.conftest import MakeBackend
from tests.virtualbox.qemu import Qemu

# long: two machines boot by emulation alone, four minutes beside other tests. In `make test` the
# backend goes as far as its start (test_until_the_start.py, test_faults.py), and commands over SSH
# keep the contract on a server without a machine (tests/backends/test_ssh.py).
pytestmark = [
    pytest.mark.backend,
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(900),
]


class TestVirtualBox(BackendContract, ShellContract, CablesContract, StateContract, TurnsContract):
    """See BackendContract."""

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, make_backend: MakeBackend) -> VirtualBoxBackend:
        """The contract's lab, up; it stays so for the last test of the module."""
        backend = make_backend()
        backend.up(cls.topology)
        return backend

    fill: ClassVar[str] = """\
room=$(df --output=avail --block-size=1M / | tail -1)
fallocate -l $((room - 16))M /root/room
dd if=/dev/zero of=/root/fill bs=1M count=64 || { code=$?; rm /root/room; exit $code; }"""

    # SSH's own, and shown in seconds on a server without a VM: tests/backends/test_ssh.py
    test_timeout_at_the_very_end = None  # type: ignore[assignment]
    test_huge_output = None  # type: ignore[assignment]

    def test_the_steps_of_a_lab(self, backend: Backend, make_backend: MakeBackend) -> None:
        """Steps of a lab that other backends run, run here as they are written, with their checks;
        what has passed is still known to who attaches."""
        lab = Lab("contract", CONTRACT_TOPOLOGY.nodes, CONTRACT_TOPOLOGY.links)
        steps = [
            lab.step(
                each.name, each.title, on=each.on, run=each.run, check=each.check, wrong="false"
            )
            for each in (start.ping, start.answer)
        ]
        running = RunningLab(lab, make_backend())
        outcomes = [running.do(step) for step in steps]
        assert [each.verdict() for each in outcomes if not each.passed] == []
        again = RunningLab(lab, make_backend()).up()
        assert all(again.has_passed(step) for step in steps)

    def test_it_is_listed(self, backend: Backend, make_backend: MakeBackend) -> None:
        """A lab that runs is among those that run, also for a process that has not started it."""
        told = make_backend("").running()
        assert [(each["instance"], each["nodes"]) for each in told] == [
            ("contract", ["alpha", "bravo"])
        ]

    def test_down_ends_it(self, make_backend: Callable[..., Backend]) -> None:
        """Ending a lab that does not run does nothing; see also test_reset."""
        backend = make_backend("another")
        backend.down()
        assert not backend.is_up()
        with pytest.raises(BackendError):
            backend.run("alpha", "true")


class Refusing(Hypervisor):
    """Starts no machine, but keeps what VirtualBox had registered at that moment."""

    def __init__(self, other: Hypervisor) -> None:
        self._other = other
        self.told: dict[str, str] = {}

    def start(self, manage: VBoxManage, uuid: str) -> None:
        """Look, and refuse."""
        self.told = manage.values("showvminfo", uuid)
        raise BackendError("not started")

    def stop(self, manage: VBoxManage, uuid: str) -> None:
        """End it."""
        self._other.stop(manage, uuid)

    def running(self, manage: VBoxManage) -> frozenset[str]:
        """Those that run."""
        return self._other.running(manage)


def test_reset(make_backend: MakeBackend, manage: VBoxManage, qemu: Qemu) -> None:
    """A reset gives a machine an empty disk on the imported one, and forgets what was noted; where
    it can't be started again, the lab has ended, for whoever used it, and nothing is left."""
    first, second = make_backend(), make_backend()
    for backend in (first, second):
        backend.up(CONTRACT_TOPOLOGY)
    alpha = first._running().clone("alpha").uuid
    before = manage.values("showvminfo", alpha)
    second._hypervisor = refusing = Refusing(qemu)
    with pytest.raises(BackendError, match="not started"):
        second.reset(CONTRACT_TOPOLOGY)
    assert refusing.told["SATA-ImageUUID-0-0"] != before["SATA-ImageUUID-0-0"]
    assert refusing.told["Forwarding(0)"] == before["Forwarding(0)"]
    assert not first.is_up()
    with pytest.raises(BackendError):
        first.run("alpha", "true")
    assert (manage.media("dvds"), qemu.running(manage), first.running()) == ({}, frozenset(), [])
