"""What every backend must do; each test is one behaviour."""

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ClassVar

import pytest

from labkernel.backends.base import Backend
from labkernel.errors import BackendError, Busy, LabError
from labkernel.testing.commands import CommandContract
from labkernel.topology import Link, Node, Topology

CONTRACT_TOPOLOGY = Topology(
    "contract",
    (Node("alpha"), Node("bravo", forwards=True, memory=16)),
    (
        Link("lan", "alpha:eth0", "bravo:eth0", prefix=["2001:db8::/64", "192.0.2.0/24"]),
        Link("dmz", "bravo:eth1", "alpha:eth1", addresses={"alpha:eth1": ["2001:db8:1::53/64"]}),
    ),
)

#: who has sent a frame, in each line of ``tcpdump -e``
_SENDER = re.compile(r"^\S+ ([0-9a-f:]{17}) >", re.MULTILINE)

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

    def test_requirements_are_met(self, make_backend: MakeBackend) -> None:
        """A backend that is claimed to be tested can run here."""
        make_backend().require()

    def test_host_names(self, backend: Backend) -> None:
        """Each node has its own name."""
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

    def test_a_cable_is_pulled(self, backend: Backend, make_backend: MakeBackend) -> None:
        """An interface whose cable is pulled has no carrier, nor has the other end, whoever pulls
        it; once it is back, packets come through again."""
        carrier = "for n in $(seq 200); do [ $(cat /sys/class/net/eth0/carrier) = {} ] && exit; "
        carrier += "sleep 0.05; done; exit 1"
        other = make_backend()
        other.up(self.topology)
        backend.unplug("alpha", "eth0")
        for node in ("alpha", "bravo"):
            assert backend.run(node, carrier.format(0)).ok
        assert not backend.run("alpha", ["ping", "-c1", "-W1", "192.0.2.2"]).ok
        other.plug("bravo", "eth0")
        for node in ("alpha", "bravo"):
            assert backend.run(node, carrier.format(1)).ok
        assert backend.run("alpha", ["ping", "-c9", "-i0.2", "-w20", "192.0.2.2"]).ok
        with pytest.raises(LabError, match='no interface "eth9"; interfaces: eth0, eth1'):
            backend.unplug("alpha", "eth9")

    def test_nobody_else_is_heard(self, backend: Backend) -> None:
        """On a link only its nodes are heard: no bridge, tap or hypervisor speaks there, also when
        a cable has just been plugged in."""
        known = {port.mac for port in self.topology.ports}
        listen = "timeout --signal=INT {} tcpdump -i eth0 -n -e -l 2>&1"
        with ThreadPoolExecutor() as pool:
            heard, hearing = [], []
            for node in ("alpha", "bravo"):
                began = threading.Event()
                said = partial(_set_once, began, "listening on")
                heard.append(pool.submit(backend.run, node, listen.format(5), said, 60))
                hearing.append(began)
            assert all(began.wait(60) for began in hearing)
            backend.unplug("bravo", "eth0")
            backend.plug("bravo", "eth0")
            assert backend.run("alpha", ["ping", "-c9", "-i0.2", "-w20", "192.0.2.2"]).ok
            backend.run("alpha", ["ping", "-c2", "-w3", "ff02::1%eth0"])
            for each in heard:
                senders = set(
                    re.findall(r"^\S+ ([0-9a-f:]{17}) >", each.result().output, re.MULTILINE)
                )
                assert senders
                assert senders <= known

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
        """What one node writes no other node sees, and system directories can be written."""
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

    def test_memo(self, backend: Backend, make_backend: MakeBackend) -> None:
        """What is noted down in a running lab can be read by who attaches to it, and what several
        note down is all kept."""
        assert backend.update_memo({"one": 1, "two": [2]}) == {"one": 1, "two": [2]}
        other = make_backend()
        other.up(self.topology)
        assert other.update_memo({"one": None, "three": 3}) == {"two": [2], "three": 3}
        assert backend.read_memo() == {"two": [2], "three": 3}

    def test_one_at_a_time(self, backend: Backend, make_backend: MakeBackend) -> None:
        """Of two clients one at a time has its turn; the other is told."""
        other = make_backend()
        other.up(self.topology)
        with backend.alone(), pytest.raises(Busy, match="another process"), other.alone():
            pass
        with other.alone():
            pass
        with backend.alone():
            pass

    def test_another_declaration(self, backend: Backend, make_backend: MakeBackend) -> None:
        """A lab that runs with an earlier declaration is not taken for the present one."""
        changed = Topology("contract", (Node("alpha"),))
        with pytest.raises(BackendError, match="earlier declaration"):
            make_backend().up(changed)

    def test_shell(self, backend: Backend) -> None:
        """The shell command opens a shell on the node."""
        done = subprocess.run(
            backend.shell("bravo"), input=b"hostname; exit 5\n", capture_output=True, timeout=30
        )
        assert (b"bravo" in done.stdout, done.returncode) == (True, 5)

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


def _set_once(event: threading.Event, word: str, text: str) -> None:
    if word in text:
        event.set()
