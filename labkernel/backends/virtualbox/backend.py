"""The VirtualBox backend: starts labs of machines, attaches to them, and ends them."""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from labkernel import images, linux, vm
from labkernel.backends.base import Backend
from labkernel.backends.ssh import Machine
from labkernel.backends.virtualbox import (
    access,
    appliances,
    cleanup,
    clones,
    diagnostics,
    imports,
    records,
    starting,
    vboxmanage,
)
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.records import Record
from labkernel.backends.virtualbox.starting import Start
from labkernel.backends.virtualbox.vboxmanage import NoAnswer, VBoxManage
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, Busy, NodeLost
from labkernel.needs import CABLES, KERNELS, Need
from labkernel.progress import OnProgress
from labkernel.topology import Topology

#: seconds that a machine gets to boot, also where the computer is slow
_BOOT = 300.0
#: seconds in which VirtualBox's server answers whoever lists labs, and whoever ends one
_LIST, _SERVED = 1.5, 20.0


class VirtualBoxBackend(Backend):
    """Labs of machines in VirtualBox.

    :param instance: what the running lab is called; the lab's name when empty.
    :param linger: seconds for which the lab goes on once its last client has gone; it is ended when
        labkernel next looks at its labs.
    :param hypervisor: what runs the machines that VirtualBox has registered.
    :param boot_within: seconds that a machine gets to boot.
    """

    name: ClassVar[str] = diagnostics.NAME
    offers: ClassVar[frozenset[Need]] = frozenset({KERNELS, CABLES})

    def __init__(
        self,
        instance: str = "",
        linger: float = 3600.0,
        *,
        hypervisor: Hypervisor | None = None,
        boot_within: float = _BOOT,
    ) -> None:
        self._instance = instance
        self._linger = linger
        self._hypervisor = hypervisor or Hypervisor()
        self._boot_within = boot_within
        self._manage: VBoxManage | None = None
        self._record: Record | None = None
        self._topology: Topology | None = None
        self._client: records.Lock | None = None
        self._machines: dict[str, Machine] = {}
        self._lock = threading.RLock()

    def require(self) -> None:
        """Raise BackendUnavailable, with the remedy, if no machine could be started here."""
        diagnostics.require_processor()
        manage = self._program()
        diagnostics.require_version(manage.version())
        self._hypervisor.require(manage)

    def _program(self) -> VBoxManage:
        if self._manage is None:
            found = vboxmanage.find()
            if found is None:
                raise diagnostics.no_program()
            self._manage = VBoxManage(found, _die_with_us)
        return self._manage

    def missing_images(self, topology: Topology) -> list[str]:
        """The images that must be built here before it can start."""
        names = sorted({node.image for node in topology.nodes})
        return images.missing(vm.bootable(name) for name in names if appliances.is_made_here(name))

    # -- starting and ending -----------------------------------------------------------------

    def up(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Start every machine, or attach to them where they run already."""
        with self._lock:
            self._instance = self._instance or topology.name
            if not self.is_up():
                self._start(topology, on_progress)
            assert self._record is not None
            if self._record.digest != topology.digest():
                raise BackendError(
                    f'lab "{self._instance}" runs with an earlier declaration of its nodes '
                    "and links",
                    "Reset",
                )
            self._topology = topology

    def _start(self, topology: Topology, on_progress: OnProgress | None) -> None:
        self.require()
        clones.require_nics(topology)
        manage = self._program()
        needed = sum(clones.memory(node) for node in topology.nodes)
        diagnostics.require_memory(needed, manage.run("list", "hostinfo"))
        images.require(self.missing_images(topology))
        bases = {
            name: imports.base(manage, appliances.find(name), on_progress)
            for name in {node.image for node in topology.nodes}
        }
        with records.locked():
            alive = cleanup.tidy(manage, self._hypervisor)
            uuids = tuple(base.uuid for base in bases.values())
            record, self._client = starting.begin(
                alive, self._instance, topology, self._linger, uuids
            )
        start = self._starting(record, topology, on_progress)
        self._carry_out(start, lambda: start.make(bases))

    def _starting(
        self, record: Record, topology: Topology, on_progress: OnProgress | None
    ) -> Start:
        within = self._boot_within
        return Start(self._program(), self._hypervisor, record, topology, within, on_progress)

    def _carry_out(self, start: Start, prepare: Callable[[], None]) -> None:
        try:
            prepare()
            start.boot()
        except BaseException:
            self._end(start.record.folder)
            raise
        self._record, self._machines = start.record, start.machines

    def _end(self, folder: Path) -> None:
        self._let_go()
        try:
            # before the lock is taken: nobody waits for a lab that stands still
            self._program().within(_SERVED).running()
        except NoAnswer:
            cleanup.kill(self._hypervisor, folder)
        with records.locked():
            cleanup.end(self._program(), self._hypervisor, folder)

    def reset(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Put every machine back to what it was before its first start, and start it."""
        with self._lock:
            if not self.is_up() or self._running().digest != topology.digest():
                self.down()
                return
            record = replace(self._running(), stage=records.STARTING)
            record.write_state({})
            record.write()
            for machine in self._machines.values():
                machine.close()
            start = self._starting(record, topology, on_progress)
            self._carry_out(start, start.restore)

    def down(self) -> None:
        """Unregister the lab's machines; nothing of it is left."""
        with self._lock:
            record = self._record or (records.find(self._instance) if self._instance else None)
            if record:
                self._end(record.folder)

    def _let_go(self) -> None:
        for machine in self._machines.values():
            machine.close()
        if self._client:
            self._client.release()
        self._machines, self._client, self._record = {}, None, None

    def is_up(self) -> bool:
        """Check if the lab's machines run."""
        with self._lock:
            if self._record is not None:
                if self._still_there(self._record):
                    return True
                self._let_go()
            return bool(self._instance) and self._attach()

    def _still_there(self, record: Record) -> bool:
        if Record.read(record.folder) is None:
            return False
        running = self._hypervisor.running(self._program())
        return all(clone.uuid in running for clone in record.clones)

    def _attach(self) -> bool:
        if records.find(self._instance) is None:
            return False
        with records.locked():
            for record in cleanup.tidy(self._program(), self._hypervisor):
                if record.instance == self._instance and record.stage == records.UP:
                    self._client = records.join(record.folder)
                    self._record = record
                    return True
        return False

    # -- using -------------------------------------------------------------------------------

    def _running(self) -> Record:
        if self._record is None:
            raise NodeLost("the lab does not run", "start it")
        return self._record

    def _machine(self, node: str) -> Machine:
        with self._lock:
            record = self._running()
            if node not in self._machines:
                self._machines[node] = access.machine(record.folder, record.clone(node))
            return self._machines[node]

    def run(
        self,
        node: str,
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = 60.0,
        *,
        stdin: bytes = b"",
    ) -> Result:
        """Run a command on a node and wait for its end."""
        machine = self._machine(node)
        self._running().touch()
        return machine.run(command, on_output, timeout, stdin)

    def set_cable(self, node: str, interface: str, plugged: bool) -> None:
        """Put a cable in, or pull it."""
        record, topology = self._running(), self._topology
        assert topology is not None  # up() has seen it
        for port in topology.cable(node, interface):
            nic = clones.FIRST_NIC + topology.ports_of(port.node).index(port)
            uuid = record.clone(port.node).uuid
            self._hypervisor.set_link(self._program(), uuid, nic, plugged)

    def stop(self) -> None:
        """Interrupt every command that this process waits for."""
        for machine in list(self._machines.values()):
            machine.stop()

    def shell(self, node: str) -> list[str]:
        """The words of a command (of ssh) that opens an interactive shell on the node."""
        if shutil.which("ssh") is None:
            raise BackendError("there is no ssh program", "sudo apt-get install openssh-client")
        if not self.is_up():
            raise NodeLost("the lab does not run", "start it")
        record = self._running()
        return access.shell(record.folder, record.clone(node))

    @property
    def attached(self) -> object:
        """Never the same: whoever resets a lab empties what it keeps."""
        return object()

    def read_state(self) -> dict[str, Any]:
        """The values that the running lab stores."""
        return self._running().read_state()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a lock in the lab's directory: it ends with this process."""
        lock = records.Lock(self._running().folder / "step.lock")
        if not lock.try_():
            raise Busy.elsewhere(self._instance)
        try:
            yield
        finally:
            lock.release()

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Store something that lives as long as the lab."""
        return self._running().update_state(changes)

    def running(self) -> list[dict[str, Any]]:
        """Describe every running lab of this user in VirtualBox; unused labs are ended."""
        if not records.folders():
            return []
        try:
            self._program().within(_LIST).running()
        except NoAnswer:
            return [each.description(answers=False) for each in records.all_()]
        with records.locked():
            alive = cleanup.tidy(self._program(), self._hypervisor)
        return [each.description(answers=True) for each in alive]


# Windows can't have anything called between fork and exec: it has neither
_die_with_us = None if sys.platform == "win32" else linux.die_with_parent
