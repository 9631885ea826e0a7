"""The contract of every backend; each test is one behaviour.

The contracts of optional capabilities are in :mod:`labkernel.testing.capabilities`.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from labkernel.backends.base import Backend
from labkernel.errors import BackendError
from labkernel.testing import capabilities
from labkernel.testing.commands import CommandContract
from labkernel.testing.topology import CONTRACT_TOPOLOGY
from labkernel.topology import Node, Topology

MakeBackend = Callable[..., Backend]


class BackendContract(CommandContract):
    """Subclass it, and give it a fixture ``make_backend`` of class scope: a function of an
    instance's name (with a default) that returns a new backend for it; where its nodes need
    something else, also a ``topology`` with the same names and addresses."""

    topology: ClassVar[Topology] = CONTRACT_TOPOLOGY
    #: fills bravo's room for files with /root/fill, and ends as that ends
    fill: ClassVar[str] = "dd if=/dev/zero of=/root/fill bs=1M count=64"

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, make_backend: MakeBackend) -> Iterator[Backend]:
        """The contract's lab, up; the tests of a class share it."""
        backend = make_backend()
        backend.up(cls.topology)
        yield backend
        backend.down()

    def test_what_it_can_is_tested(self, backend: Backend) -> None:
        """The contract of each of its capabilities is tested."""
        has = {each for each in capabilities.CONTRACTS if isinstance(backend, each)}
        tested = {each for each, by in capabilities.CONTRACTS.items() if isinstance(self, by)}
        assert has == tested

    def test_requirements_are_met(self, make_backend: MakeBackend) -> None:
        """A backend that is claimed to be tested can run here."""
        make_backend().require()

    def test_host_names(self, backend: Backend) -> None:
        """Every node has its own host name."""
        assert backend.run("alpha", "hostname").output == "alpha\n"
        assert backend.run("bravo", "hostname").output == "bravo\n"

    def test_links(self, backend: Backend) -> None:
        """Nodes reach each other at their declared addresses, of both families, and by name."""
        for target in ("2001:db8::2", "192.0.2.2", "bravo"):
            assert backend.run("alpha", ["ping", "-c1", "-W2", target]).ok

    def test_declared_addresses(self, backend: Backend) -> None:
        """Interfaces have the declared names, MAC addresses and addresses."""
        for port in self.topology.ports:
            shown = backend.run(port.node, ["ip", "address", "show", "dev", port.name]).output
            assert port.mac in shown
            assert all(str(address) in shown for address in port.addresses)

    def test_forwarding(self, backend: Backend) -> None:
        """A router forwards, a host does not."""
        read = "cat /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv4/ip_forward"
        assert backend.run("bravo", read).output == "1\n1\n"
        assert backend.run("alpha", read).output == "0\n0\n"

    def test_no_way_out(self, backend: Backend) -> None:
        """A lab has no route to anywhere but its own links."""
        assert "default" not in backend.run("alpha", "ip route; ip -6 route").output
        assert not backend.run("alpha", ["ping", "-c1", "-W1", "2620:fe::fe"]).ok

    def test_files_are_apart(self, backend: Backend) -> None:
        """Files written on one node are not on others, and system directories can be written."""
        assert backend.run(
            "alpha",
            "echo hello > /etc/motd && rm -r /usr/share/bash-completion; "
            "mkdir -p /usr/share/x && mv /usr/share/x /usr/share/y",
        ).ok
        assert "hello" not in backend.run("bravo", "cat /etc/motd").output

    def test_full_file_system(self, backend: Backend) -> None:
        """A node whose files have filled its memory says so, and works on once there is room."""
        full = backend.run("bravo", self.fill)
        assert full.exit_code == 1
        assert "No space left on device" in full.output
        assert backend.run("bravo", "rm /root/fill && echo ok > /root/x && cat /root/x").ok

    def test_daemon_survives_its_step(self, backend: Backend) -> None:
        """A server that a command starts serves the commands that follow."""
        assert backend.run("bravo", "nginx").ok
        fetch = "until curl -sf -o /dev/null http://[2001:db8::2]/; do sleep 0.02; done"
        assert backend.run("alpha", fetch, timeout=20).ok
        assert backend.run("bravo", "nginx -s stop").ok

    def test_unknown_node(self, backend: Backend) -> None:
        """A node that is not in the lab is refused by name."""
        with pytest.raises(BackendError, match="zulu"):
            backend.run("zulu", "true")

    def test_up_again_attaches(self, backend: Backend, make_backend: MakeBackend) -> None:
        """A second start of the same lab finds the first one, with all that happened there."""
        backend.run("alpha", "echo kept > /root/kept")
        other = make_backend()
        other.up(self.topology)
        assert other.run("alpha", "cat /root/kept").output == "kept\n"

    def test_another_declaration(self, backend: Backend, make_backend: MakeBackend) -> None:
        """A lab that runs with an earlier declaration is not taken for the present one."""
        changed = Topology("contract", (Node("alpha"),))
        with pytest.raises(BackendError, match="earlier declaration"):
            make_backend().up(changed)

    def test_down_ends_it(self, make_backend: MakeBackend) -> None:
        """After its end a lab does not run, ending it again does nothing, and it starts afresh."""
        backend = make_backend("another")
        backend.down()
        backend.up(self.topology)
        backend.run("alpha", "touch /root/here")
        backend.down()
        assert not backend.is_up()
        backend.down()
        with pytest.raises(BackendError):
            backend.run("alpha", "true")
        backend.up(self.topology)
        assert not backend.run("alpha", ["test", "-e", "/root/here"]).ok
        backend.down()
