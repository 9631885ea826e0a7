"""The contracts of optional capabilities; each test is one behaviour.

Subclass those of the backend's capabilities, together with
:class:`~labkernel.testing.BackendContract`, whose fixtures they use.
"""

import re
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar

import pytest

from labkernel.backends.capabilities import Cables, Dial, Shell, State, Turns
from labkernel.errors import Busy, LabError
from labkernel.testing.topology import CONTRACT_TOPOLOGY
from labkernel.topology import Topology

Having = Any
"""A backend with the capability."""


class _Contract:
    topology: ClassVar[Topology] = CONTRACT_TOPOLOGY


class ShellContract(_Contract):
    """The contract of backends that open shells."""

    def test_shell(self, backend: Having) -> None:
        """The shell command opens a shell on the node."""
        done = subprocess.run(
            backend.shell("bravo"), input=b"hostname; exit 5\n", capture_output=True, timeout=30
        )
        assert (b"bravo" in done.stdout, done.returncode) == (True, 5)


class DialContract(_Contract):
    """The contract of backends that connect programs to commands."""

    def test_dial(self, backend: Having) -> None:
        """A command is spoken with over a socket, octet for octet, until one side ends it."""
        data = bytes(range(256)) * 400
        with backend.dial("alpha", ["cat"]) as there:
            there.sendall(data[:1000])
            assert there.recv(1000, socket.MSG_WAITALL) == data[:1000]
        assert backend.run("alpha", "until ! pgrep -x cat; do sleep 0.05; done", timeout=20).ok
        with backend.dial("alpha", ["head", "-c", "5"]) as there:
            there.sendall(b"hello")
            assert there.makefile("rb").read() == b"hello"


class CablesContract(_Contract):
    """The contract of backends that unplug cables."""

    def test_a_cable_is_pulled(self, backend: Having, make_backend: Callable[..., Having]) -> None:
        """An interface whose cable is pulled has no carrier, nor has the other end, whoever pulls
        it; once it is back, packets come through again."""
        carrier = "for n in $(seq 200); do [ $(cat /sys/class/net/eth0/carrier) = {} ] && exit; "
        carrier += "sleep 0.05; done; exit 1"
        other = make_backend()
        other.up(self.topology)
        backend.set_cable("alpha", "eth0", False)
        for node in ("alpha", "bravo"):
            assert backend.run(node, carrier.format(0)).ok
        assert not backend.run("alpha", ["ping", "-c1", "-W1", "192.0.2.2"]).ok
        other.set_cable("bravo", "eth0", True)
        for node in ("alpha", "bravo"):
            assert backend.run(node, carrier.format(1)).ok
        assert backend.run("alpha", ["ping", "-c9", "-i0.2", "-w20", "192.0.2.2"]).ok
        with pytest.raises(LabError, match='no interface "eth9"; interfaces: eth0, eth1'):
            backend.set_cable("alpha", "eth9", False)

    def test_nobody_else_is_heard(self, backend: Having) -> None:
        """On a link only its nodes are heard: no bridge, tap or hypervisor speaks there, also when
        a cable has just been plugged in."""
        known = {port.mac for port in self.topology.ports}
        listen = "timeout --signal=INT {} tcpdump -i eth0 -n -e -l 2>&1"
        with ThreadPoolExecutor() as pool:
            received, hearing = [], []
            for node in ("alpha", "bravo"):
                began = threading.Event()
                said = partial(_set_once, began, "listening on")
                received.append(pool.submit(backend.run, node, listen.format(5), said, 60))
                hearing.append(began)
            assert all(began.wait(60) for began in hearing)
            backend.set_cable("bravo", "eth0", False)
            backend.set_cable("bravo", "eth0", True)
            assert backend.run("alpha", ["ping", "-c9", "-i0.2", "-w20", "192.0.2.2"]).ok
            backend.run("alpha", ["ping", "-c2", "-w3", "ff02::1%eth0"])
            for each in received:
                senders = set(
                    re.findall(r"^\S+ ([0-9a-f:]{17}) >", each.result().output, re.MULTILINE)
                )
                assert senders
                assert senders <= known


class StateContract(_Contract):
    """A running lab keeps something."""

    def test_state(self, backend: Having, make_backend: Callable[..., Having]) -> None:
        """Values that a running lab stores can be read by every client, and concurrent changes are
        merged."""
        assert backend.update_state({"one": 1, "two": [2]}) == {"one": 1, "two": [2]}
        other = make_backend()
        other.up(self.topology)
        assert other.update_state({"one": None, "three": 3}) == {"two": [2], "three": 3}
        assert backend.read_state() == {"two": [2], "three": 3}


class TurnsContract(_Contract):
    """One process at a time has its turn."""

    def test_one_at_a_time(self, backend: Having, make_backend: Callable[..., Having]) -> None:
        """One client at a time has the turn; another one gets an error."""
        other = make_backend()
        other.up(self.topology)
        with backend.alone(), pytest.raises(Busy, match="another process"), other.alone():
            pass
        with other.alone():
            pass
        with backend.alone():
            pass


#: by capability; those of a reset differ from backend to backend
CONTRACTS: dict[type, type] = {
    Shell: ShellContract,
    Dial: DialContract,
    Cables: CablesContract,
    State: StateContract,
    Turns: TurnsContract,
}


def _set_once(event: threading.Event, word: str, text: str) -> None:
    if word in text:
        event.set()
