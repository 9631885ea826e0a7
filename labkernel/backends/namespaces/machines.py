"""The VM nodes of a lab, as its client has them: it restores them and gives them commands."""

import fcntl
import os
import select
import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkernel import images, memory
from labkernel.backends import ssh
from labkernel.backends.namespaces import boot, network, template
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import BackendError, BackendUnavailable, NodeLost
from labkernel.progress import OnProgress
from labkernel.topology import Node, Topology
from labkernel.vm import identity, shape
from labkernel.vm.qmp import Control
from labkernel.vm.seed import Keys, Seed

_FIRST_PORT = 22001
_FIRST_TAP, _MOST_NICS = 1 << 24, 64  # numbers that no bridge and no wire has
_RESTORE = 60.0  # seconds
_SPARE_MEMORY = 128  # MiB that starting VMs must leave


class Machines:
    """The VM nodes of a running lab.

    :param keys: the lab's; made for it and never reused.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._machines: dict[str, ssh.Machine] = {}
        self._topology: Topology | None = None
        self._templates: dict[str, template.Template] = {}

    @classmethod
    def ready(cls, topology: Topology, on_progress: OnProgress | None) -> "Machines":
        """What the lab's VM nodes are restored from, made now where it is missing.

        :raises BackendError: it can't be, or there is too little memory.
        """
        tell = on_progress or (lambda *_: None)
        nodes = [node for node in topology.nodes if node.kernel]
        require(topology)
        _require_memory(nodes)
        images.require(sorted({node.image for node in nodes}))
        made = cls(Keys.new())
        made._topology = topology
        for node in nodes:
            nics = len(topology.ports_of(node.name))
            wanted = shape.Shape.of(
                images.find(node.image), node.memory, nics, node.nested, node.disk
            )
            made._templates[node.name] = template.ready(wanted, tell)
        return made

    @classmethod
    def attach(cls, connection: Connection, names: Iterable[str]) -> "Machines":
        """Those of a lab that runs."""
        made = cls(Keys.loads(connection.ask("login")["login"]))
        for name in names:
            made._machines[name] = made._machine(connection, name, made._keys)
        return made

    def login(self) -> str:
        """The keys as a text, which the supervisor keeps for whoever attaches."""
        return self._keys.dumps()

    def hold(self) -> list[int]:
        """Descriptors that keep the templates from being removed, for the caller to close."""
        return [each.held for each in self._templates.values()]

    def parts(self) -> list[dict[str, Any]]:
        """What the supervisor is told: see vm.py there."""
        return [self._part(place, name) for place, name in enumerate(self._templates)]

    def _part(self, place: int, name: str) -> dict[str, Any]:
        assert self._topology is not None
        found, port = self._templates[name], _FIRST_PORT + place
        ports = self._topology.ports_of(name)
        bridges = {link.name: network.bridge_name(n) for n, link in enumerate(self._topology.links)}
        folder = Path("{folder}")  # the supervisor knows where QEMU sees it
        words = shape.words(found.shape, folder, "/proc/self/fd/{console}", "{qmp}", keep=False)
        words += shape.control_nic(port)
        for slot in range(found.shape.slots):
            if slot < len(ports):
                words += shape.nic(slot, f"tap,fd={{tap{slot}}}", ports[slot].mac)
            else:
                words += shape.unplugged(slot)
        taps = [
            {
                "name": f"v{place}n{slot}",
                "index": _FIRST_TAP + place * _MOST_NICS + slot,
                "bridge": bridges[each.link],
            }
            for slot, each in enumerate(ports)
        ]
        return {
            "name": name,
            "folder": str(found.folder),
            "port": port,
            "taps": taps,
            "scratch": found.shape.scratch_megabytes,
            "disks": shape.second_disk(found.shape, found.folder, keep=False),
            "second": found.shape.second_megabytes,
            "words": [*words, "-incoming", "defer"],
        }

    def restore(self, connection: Connection) -> None:
        """Restore every VM, all at a time, and tell each who it is.

        :raises NodeLost: which one does not answer, and what its console says.
        """
        with ThreadPoolExecutor(len(self._templates)) as pool:
            jobs = [pool.submit(self._restore, connection, name) for name in self._templates]
        for job in jobs:
            job.result()

    def _restore(self, connection: Connection, name: str) -> None:
        found = self._templates[name]
        try:
            _load(connection, name, found.folder)
            with self._machine(connection, name, found.keys()) as unnamed:
                boot.await_ssh(unnamed, _RESTORE)
                done = unnamed.run(self._identity(name), timeout=_RESTORE)
            if not done.ok:
                raise NodeLost(f"it can't be set up: {done.output.strip()}")
            self._machines[name] = self._machine(connection, name, self._keys)
            _await_new_key(self._machines[name])
        except (NodeLost, OSError) as error:
            why = str(error).removeprefix(f"{name}: ")
            words = boot.last_words(_console(connection, name))
            raise NodeLost(f"{name}: the VM was not restored: {why}. {words}") from None

    def _identity(self, name: str) -> str:
        assert self._topology is not None
        ports = self._topology.ports_of(name)
        return identity.script(
            self._topology.name,
            Seed(name, self._keys),
            ports,
            self._topology.node(name).settings,
            self._topology.hosts(),
        )

    def _machine(self, connection: Connection, name: str, keys: Keys) -> ssh.Machine:
        def dial() -> socket.socket:
            return _connected(socket.socket(fileno=connection.fetch("dial", name)))

        return ssh.Machine(name, ssh.Login(keys.client, keys.host), dial)

    def set_link(self, connection: Connection, name: str, slot: int, plugged: bool) -> None:
        """Have QEMU tell its guest that a NIC's cable was pulled, or is there again.

        :raises NodeLost: the VM has ended.
        """
        with (
            _alone(connection, name),
            socket.socket(fileno=connection.fetch("control", name)) as channel,
        ):
            Control(channel).ask("set_link", name=f"lab{slot}", up=plugged)

    def get(self, name: str) -> ssh.Machine | None:
        """The VM of that name; none if the node is not a VM."""
        return self._machines.get(name)

    def stop(self) -> None:
        """Interrupt every command that runs on one of them."""
        for machine in self._machines.values():
            machine.stop()

    def close(self) -> None:
        """Let go of them."""
        for machine in self._machines.values():
            machine.close()


@contextmanager
def _alone(connection: Connection, name: str) -> Iterator[None]:
    """One client at a time speaks with a VM's QEMU: all have the same channel.  The lock is on the
    file of its console, opened anew: who got a descriptor of the supervisor shares its locks.

    :raises NodeLost: another one does not come to an end.
    """
    fd = connection.fetch("console", name)
    try:
        lock = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(fd)
    try:
        _lock(lock, name, time.monotonic() + _RESTORE)
        yield
    finally:
        os.close(lock)


def _lock(fd: int, name: str, end: float) -> None:
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise NodeLost(f"{name}: its QEMU does not answer another client") from None
            time.sleep(0.02)


def _connected(sock: socket.socket) -> socket.socket:
    """Wait for a connection that is under way.

    :raises OSError: it does not come.
    """
    try:
        if not select.select([], [sock], [], _RESTORE)[1]:
            raise TimeoutError(f"no connection within {_RESTORE:g} s")
        if number := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(number, os.strerror(number))
    except OSError:
        sock.close()
        raise
    sock.setblocking(True)
    return sock


def _load(connection: Connection, name: str, folder: Path) -> None:
    with socket.socket(fileno=connection.fetch("control", name)) as channel:
        control = Control(channel)
        control.greet()
        control.ask("migrate-set-capabilities", capabilities=[boot.IGNORE_SHARED])
        with (folder / "state").open("rb") as state:
            control.give("state", state.fileno())
        control.ask("migrate-incoming", uri="fd:state")
        while control.ask("query-status")["status"] == "inmigrate":
            time.sleep(0.01)
        control.ask("cont")


def _await_new_key(machine: ssh.Machine) -> None:
    """The server reads its keys again; until it has, it proves that it is the template."""
    end = time.monotonic() + _RESTORE
    while True:
        try:
            machine.connect(_RESTORE)
            return
        except (NodeLost, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _console(connection: Connection, name: str) -> str:
    try:
        fd = connection.fetch("console", name)
    except NodeLost:
        return ""
    with os.fdopen(fd, encoding="utf-8", errors="replace") as file:
        file.seek(0)
        return file.read()


def require(topology: Topology) -> None:
    """What the VM nodes of a lab need of this machine; taps, if they are on links.

    :raises BackendUnavailable: there is no QEMU, or no taps for this user.
    """
    shape.require()
    if any(topology.ports_of(node.name) for node in topology.nodes if node.kernel):
        _require_taps()


def _require_taps(device: str = "/dev/net/tun") -> None:
    """A VM's NICs are taps; udev opens their device to everyone (rules.d/50-udev-default.rules).

    :raises BackendUnavailable: this user can't open it.
    """
    if not Path(device).exists():
        raise BackendUnavailable("namespaces", f"VMs need {device}", "sudo modprobe tun")
    if not os.access(device, os.R_OK | os.W_OK):
        why = f"VMs need {device}, which this user may not open"
        raise BackendUnavailable("namespaces", why, f"sudo chmod 666 {device}")


def _require_memory(nodes: list[Node]) -> None:
    """Say beforehand what the kernel would say by killing something.

    :raises BackendError: there is too little.
    """
    free = memory.available() >> 20
    needed = sum(node.memory for node in nodes) + _SPARE_MEMORY
    if free < needed:
        names = ", ".join(node.name for node in nodes)
        raise BackendError(
            f"this machine has {free} MiB of memory left, and the VMs of this lab "
            f"({names}) take {needed} MiB",
            "labkernel status, and labkernel down for labs that you don't need",
        )
