"""The start of a lab: machines are made, booted, and told what the topology declares of them."""

import threading
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

from labkernel import vm
from labkernel.backends.ssh import Machine
from labkernel.backends.virtualbox import access, clones, guest, records
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.imports import Base
from labkernel.backends.virtualbox.records import Clone, Record
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from labkernel.errors import BackendError, last_line
from labkernel.progress import OnProgress
from labkernel.topology import Topology

_PORTS = 3


def begin(
    alive: Iterable[Record],
    instance: str,
    topology: Topology,
    linger: float,
    bases: tuple[str, ...],
) -> tuple[Record, records.Lock]:
    """Write down that there is a lab before anything of it is there; the caller holds the lock on
    all labs.

    :param alive: those that run.
    :param bases: the UUIDs of the machines that its own are cloned from.
    :returns: what is written, and the lock by which this process uses it.
    :raises BackendError: another process is starting it.
    """
    if any(record.instance == instance for record in alive):
        raise BackendError(
            f'lab "{instance}" is being started by another labkernel', "again in a moment"
        )
    folder = records.new_folder(instance)
    client = records.join(folder)
    record = Record(folder, instance, topology.name, topology.digest(), linger, bases=bases)
    record.write()
    return record, client


class Start:
    """One start of one lab.

    :param record: what is written down of it; :attr:`record` is what is written at last.
    :param boot_within: seconds that a machine gets to boot.
    """

    def __init__(
        self,
        manage: VBoxManage,
        hypervisor: Hypervisor,
        record: Record,
        topology: Topology,
        boot_within: float,
        on_progress: OnProgress | None,
    ) -> None:
        self.record = record
        self.machines: dict[str, Machine] = {}
        self._manage = manage
        self._hypervisor = hypervisor
        self._topology = topology
        self._boot_within = boot_within
        self._tell = on_progress or (lambda _what, _part: None)
        self._changing = threading.Lock()
        self._given_up = threading.Event()

    def make(self, bases: Mapping[str, Base]) -> None:
        """Register the machines.

        :param bases: by image.
        """
        nodes, keys = self._topology.nodes, vm.Keys.new()
        access.save(self.record.folder, keys)
        with clones.free_ports(len(nodes)) as ports:
            for index, (node, port) in enumerate(zip(nodes, ports, strict=True)):
                self._tell(f"{node.name}: cloning its machine", index / len(nodes) / 2)
                clone = Clone(node.name, str(uuid.uuid4()), port)
                self.record = self.record.with_clone(clone)
                cd = access.seed(self.record.folder, vm.Seed(node.name, keys))
                # two clones of one base at a time would be in each other's way
                with records.locked():
                    base = bases[node.image]
                    clones.make(self._manage, self.record, self._topology, clone, base, cd)

    def restore(self) -> None:
        """Stop the machines, and put them back to what they were before their first start."""
        for clone in self.record.clones:
            self._hypervisor.stop(self._manage, clone.uuid)
            clones.restore(self._manage, clone)

    def boot(self) -> None:
        """Start the machines, and wait until they are the nodes that the topology declares.

        :raises BackendError: one does not come up; the others may run.
        """
        for clone in self.record.clones:
            self._tell(f"{clone.node}: starting its machine", 0.5)
            if not clones.is_free(clone.port):
                self._on_another_port(clone)
            self._hypervisor.start(self._manage, clone.uuid)
        self._tell("waiting for the machines to boot", 0.6)
        with ThreadPoolExecutor(len(self.record.clones)) as pool:
            ready = [pool.submit(self._get_ready, clone.node) for clone in self.record.clones]
            try:
                for each in as_completed(ready):
                    each.result()
            except BaseException:
                self._given_up.set()
                self.close()
                raise
        self.record = replace(self.record, stage=records.UP)
        self.record.write()

    def close(self) -> None:
        """Let go of the machines."""
        for machine in list(self.machines.values()):
            machine.close()

    def _on_another_port(self, clone: Clone) -> None:
        """Give a machine that does not run another port: somebody has taken its own."""
        with clones.free_ports(1) as (port,):
            moved = replace(clone, port=port)
        self.record = self.record.with_clone(moved)
        clones.forward_again(self._manage, moved)

    def _get_ready(self, node: str) -> None:
        machine = self._connected(node)
        script = guest.script(self._topology, self._topology.node(node))
        done = machine.run(["sh", "-s"], stdin=script.encode())
        if not done.ok:
            raise BackendError(f"{node} could not be set up: {last_line(done.output)}")

    def _connected(self, node: str) -> Machine:
        """The machine, once it answers; where another one does, it is started on another port."""
        for left in reversed(range(_PORTS)):
            clone = self.record.clone(node)
            machine = self.machines[node] = access.machine(self.record.folder, clone)
            console = clones.console(self.record, node)
            try:
                access.wait(machine, console, lambda: self._gone(node), self._boot_within)
                break
            except access.PortTaken:
                if not left:
                    raise
            with self._changing:
                self._hypervisor.stop(self._manage, clone.uuid)
                self._on_another_port(clone)
                self._hypervisor.start(self._manage, clone.uuid)
        return machine

    def _gone(self, node: str) -> str:
        if self._given_up.is_set():
            return "the lab's start was given up"
        return self._hypervisor.gone(self._manage, self.record.clone(node).uuid)
