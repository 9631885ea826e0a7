"""The VirtualBox backend does what every backend must.

VBoxManage is the real one; the machines that it has registered are run by QEMU, see qemu.py.  They
boot once for the whole module: by emulation alone that takes most of a minute.
"""

from typing import ClassVar

import pytest

from labkernel import Lab, backends
from labkernel.backends.base import Backend
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.errors import BackendError
from labkernel.labs import start
from labkernel.testing import BackendContract
from labkernel.testing.contract import CONTRACT_TOPOLOGY
from tests.virtualbox.conftest import MakeBackend

pytestmark = [pytest.mark.backend, pytest.mark.slow]


class TestVirtualBox(BackendContract):
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
            lab.step(each.title, on=each.on, run=each.run, check=each.check, wrong="false")
            for each in (start.ping, start.answer)
        ]
        lab.use(make_backend())
        assert [lab.do(step).verdict() for step in steps if not lab.do(step).passed] == []
        again = make_backend()
        again.up(CONTRACT_TOPOLOGY)
        assert again.read_memo()["passed"] == sorted(step.name for step in steps)

    def test_it_is_listed(self, backend: Backend, make_backend: MakeBackend) -> None:
        """A lab that runs is among those that run, also for a process that has not started it."""
        told = make_backend("").running()
        assert [(each["instance"], each["nodes"]) for each in told] == [
            ("contract", ["alpha", "bravo"])
        ]

    def test_down_ends_it(self, make_backend: MakeBackend) -> None:
        """Ending a lab that does not run does nothing; see also test_reset_and_end."""
        backend = make_backend("another")
        backend.down()
        assert not backend.is_up()
        with pytest.raises(BackendError):
            backend.run("alpha", "true")


def test_reset_and_end(make_backend: MakeBackend) -> None:
    """After a reset the nodes are as they were at first, with their addresses; who has not started
    the lab can end it, and then it does not run for who has, either."""
    backend = make_backend()
    backend.up(CONTRACT_TOPOLOGY)
    assert backend.run("alpha", "touch /root/here").ok
    backend.reset(CONTRACT_TOPOLOGY)
    assert backend.read_memo() == {}
    assert not backend.run("alpha", ["test", "-e", "/root/here"]).ok
    assert backend.run("alpha", ["ping", "-c1", "-W2", "bravo"]).ok
    make_backend().down()
    assert not backend.is_up()
    with pytest.raises(BackendError):
        backend.run("alpha", "true")
    assert [name for name, _ in backends.running() if name == "virtualbox"] == []
