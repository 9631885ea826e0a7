"""The VM nodes of a lab in its client, which restores them and runs commands on them."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from labkernel import images
from labkernel.backends import ssh
from labkernel.backends.namespaces import boot, template, vm_channels, vm_plan
from labkernel.backends.namespaces.client import Connection
from labkernel.backends.namespaces.vm_requirements import require, require_memory
from labkernel.errors import NodeLost
from labkernel.progress import OnProgress
from labkernel.topology import Topology
from labkernel.vm import identity, shape
from labkernel.vm.seed import Keys, Seed

__all__ = ["Machines", "require"]

_RESTORE = 60.0  # seconds


class Machines:
    """The VM nodes of a running lab.

    :param keys: the lab's keys; made for it and never reused.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._machines: dict[str, ssh.Machine] = {}
        self._topology: Topology | None = None
        self._templates: dict[str, template.Template] = {}

    @classmethod
    def ready(cls, topology: Topology, on_progress: OnProgress | None) -> "Machines":
        """Prepare the templates of the lab's VM nodes, and make those that are missing.

        :raises BackendError: a template can't be made, or there is too little memory.
        """
        report = on_progress or (lambda *_: None)
        nodes = [node for node in topology.nodes if node.kernel]
        require(topology)
        require_memory(nodes)
        images.require(sorted({node.image for node in nodes}))
        made = cls(Keys.new())
        made._topology = topology
        for node in nodes:
            nics = len(topology.ports_of(node.name))
            wanted = shape.Shape.of(
                images.find(node.image), node.memory, nics, node.nested, node.disk
            )
            made._templates[node.name] = template.ready(wanted, report)
        return made

    @classmethod
    def attach(cls, connection: Connection, names: Iterable[str]) -> "Machines":
        """Connect to the VM nodes of a running lab."""
        made = cls(Keys.loads(connection.ask("login")["login"]))
        for name in names:
            made._machines[name] = made._machine(connection, name, made._keys)
        return made

    def login(self) -> str:
        """The keys as text, which the supervisor stores for other clients."""
        return self._keys.dumps()

    def hold(self) -> list[int]:
        """Open descriptors that protect the templates from removal; the caller closes them."""
        return [each.held for each in self._templates.values()]

    def parts(self) -> list[dict[str, Any]]:
        """The plan of the VM nodes for the supervisor, see vm.py."""
        assert self._topology is not None
        return [
            vm_plan.part(self._topology, index, name, found)
            for index, (name, found) in enumerate(self._templates.items())
        ]

    def restore(self, connection: Connection) -> None:
        """Restore all VMs in parallel, and give each its identity.

        :raises NodeLost: one does not answer; with the last lines of its console.
        """
        with ThreadPoolExecutor(len(self._templates)) as pool:
            jobs = [pool.submit(self._restore, connection, name) for name in self._templates]
        for job in jobs:
            job.result()

    def _restore(self, connection: Connection, name: str) -> None:
        found = self._templates[name]
        try:
            vm_channels.load(connection, name, found.folder)
            with self._machine(connection, name, found.keys()) as unnamed:
                boot.await_ssh(unnamed, _RESTORE)
                done = unnamed.run(self._identity(name), timeout=_RESTORE)
            if not done.ok:
                raise NodeLost(f"it can't be set up: {done.output.strip()}")
            self._machines[name] = self._machine(connection, name, self._keys)
            _await_new_key(self._machines[name])
        except (NodeLost, OSError) as error:
            why = str(error).removeprefix(f"{name}: ")
            words = boot.last_words(vm_channels.console(connection, name))
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
        login = ssh.Login(keys.client, keys.host)
        return ssh.Machine(name, login, lambda: vm_channels.dial(connection, name))

    def set_link(self, connection: Connection, name: str, slot: int, plugged: bool) -> None:
        """Let QEMU signal to its guest that a NIC's cable was unplugged or plugged in.

        :raises NodeLost: the VM has ended.
        """
        vm_channels.set_link(connection, name, slot, plugged)

    def get(self, name: str) -> ssh.Machine | None:
        """The VM of that name; None if the node is not a VM."""
        return self._machines.get(name)

    def stop(self) -> None:
        """Interrupt every command on the VMs."""
        for machine in self._machines.values():
            machine.stop()

    def close(self) -> None:
        """Close the connections."""
        for machine in self._machines.values():
            machine.close()


def _await_new_key(machine: ssh.Machine) -> None:
    """Wait until the SSH server uses the new host key instead of the template's."""
    end = time.monotonic() + _RESTORE
    while True:
        try:
            machine.connect(_RESTORE)
            return
        except (NodeLost, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
