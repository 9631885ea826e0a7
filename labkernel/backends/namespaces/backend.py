"""The namespaces backend: starts supervisors, attaches to them, and ends them."""

import os
import socket
import sys
import threading
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from labkernel import needs
from labkernel.backends.base import Backend
from labkernel.backends.namespaces import devices, discovery, launch, rundir, sizes
from labkernel.backends.namespaces.client import Connection
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, NodeLost
from labkernel.needs import Need
from labkernel.progress import OnProgress
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.backends.namespaces.machines import Machines

#: seconds in which a supervisor has ended that has closed its connections
_ENDS = 5.0


class NamespacesBackend(Backend):
    """Labs in namespaces.

    :param instance: what the running lab is called; the lab's name when empty.  Two backends with
        the same instance are the same running lab.
    :param linger: seconds for which the lab goes on once its last client has gone; 0 ties it to
        its clients.
    """

    name: ClassVar[str] = "namespaces"
    offers: ClassVar[frozenset[Need]] = needs.ALL

    def __init__(self, instance: str = "", linger: float = 3600.0) -> None:
        self._instance = instance
        self._linger = linger
        self._spare: launch.Supervisor | None = None
        self._supervisor: launch.Supervisor | None = None
        self._connection: Connection | None = None
        self._pidfd = -1
        self._digest = ""
        self._topology: Topology | None = None
        self._machines: Machines | None = None
        self._lock = threading.RLock()

    def require(self) -> None:
        """Raise BackendUnavailable, with the remedy, if there can be no namespaces."""
        devices.require_ipv6()
        with self._lock:
            if self._spare and self._spare.alive():
                self._spare.check()  # it has made the very namespaces that a probe would make
                return
        launch.probe()

    def try_out(self) -> str:
        """Start one node with its bridge, and run a command on it."""
        from labkernel.backends.namespaces import trial

        return trial.run()

    def require_for(self, asked: Collection[Need], topology: Topology) -> None:
        """Raise BackendUnavailable, with the remedy, if its VMs, FUSE mounts or disks can't be."""
        super().require_for(asked, topology)
        devices.require(topology)
        if needs.DIRECT_IO in asked:
            devices.require_direct_io()
        if any(node.kernel for node in topology.nodes):
            from labkernel.backends.namespaces.machines import require

            require(topology)

    def prepare(self) -> None:
        """Begin to start a supervisor that waits for its plan."""
        with self._lock:
            if self._connection is None and (self._spare is None or not self._spare.alive()):
                self._spare = launch.Supervisor()
        # imported now, while the supervisor starts, since up() needs it
        from labkernel.backends.namespaces import network  # noqa: F401

    def up(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """Start every node and link, or attach to them where they run already."""
        with self._lock:
            self._instance = self._instance or topology.name
            if not self.is_up():
                self._start(topology, on_progress)
            if self._digest != topology.digest():
                raise BackendError(
                    f'lab "{self._instance}" runs with an earlier declaration of its nodes '
                    "and links",
                    "Reset",
                )
            self._topology = topology

    def _start(self, topology: Topology, on_progress: OnProgress | None) -> None:
        if on_progress:
            on_progress(f"starting {len(topology.nodes)} nodes", None)
        devices.require_ipv6()
        devices.require(topology)
        sizes.require(topology)
        machines = None
        if any(node.kernel for node in topology.nodes):
            from labkernel.backends.namespaces.machines import Machines

            machines = Machines.ready(topology, on_progress)
        self.prepare()
        supervisor, self._spare = self._spare, None
        assert supervisor is not None
        # not with the lock held: it may say that this machine can't. Its namespaces are made while
        # the plan is.
        _ = supervisor.pid
        with rundir.locked():
            connection = discovery.attach(self._instance)
            place = None if connection else supervisor.listen(self._instance)
        if place:
            connection = supervisor.begin(place, topology, self._instance, self._linger, machines)
            self._supervisor = supervisor
        assert connection is not None
        self._take(connection, machines if place else None)
        if machines and place:
            try:
                machines.restore(connection)
                connection.ask("ready")
            except BaseException:
                self.down()
                raise

    def _attach(self) -> bool:
        with rundir.locked():
            connection = discovery.attach(self._instance)
        if connection is None:
            return False
        try:
            self._take(connection)
        except NodeLost:  # who was starting it has ended, and it ends as well
            connection.close()
            return False
        return True

    def _take(self, connection: Connection, machines: "Machines | None" = None) -> None:
        """Hold on to the supervisor by a pidfd: no other process can come to have its number.

        A lab that another process is starting is waited for.

        :raises NodeLost: it has ended.
        """
        told = connection.ask("describe") if machines else connection.join()
        pidfd = os.pidfd_open(told["pid"])
        try:
            connection.ask("describe")
        except BackendError:
            os.close(pidfd)
            raise
        self._pidfd = pidfd
        self._connection, self._digest, self._machines = connection, told["digest"], machines
        if told["vms"] and machines is None:
            from labkernel.backends.namespaces.machines import Machines

            self._machines = Machines.attach(connection, told["vms"])

    def is_up(self) -> bool:
        """Whether this lab's supervisor runs."""
        with self._lock:
            if self._connection is None:
                return bool(self._instance) and self._attach()
            if self._connection.hung_up():
                ended = discovery.has_ended(self._pidfd, _ENDS)
                self._let_go()
                # one that goes on has let go of this client alone
                return False if ended else self._attach()
            return True

    def _connected(self) -> Connection:
        if self._connection is None:
            raise NodeLost("the lab does not run", "start it")
        return self._connection

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
        connection = self._connected()
        if self._machines and (machine := self._machines.get(node)):
            return machine.run(command, on_output, timeout, stdin)
        return connection.run(node, command, on_output, timeout, stdin)

    def set_cable(self, node: str, interface: str, plugged: bool) -> None:
        """Put a cable in, or pull it."""
        from labkernel.backends.namespaces import cables

        assert self._topology is not None  # up() has seen it
        ports = self._topology.cable(node, interface)
        cables.set_(self._connected(), self._machines, self._topology, ports, plugged)

    @property
    def attached(self) -> object:
        """The connection: another lab has another one."""
        return self._connection or object()

    def ended(self) -> dict[str, str]:
        """The nodes of the running lab that have ended, and how."""
        told: dict[str, str] = self._connected().ask("describe")["ended"]
        return told

    def dial(self, node: str, command: Sequence[str]) -> socket.socket:
        """Start a command on a node; its input and output are the socket."""
        connection = self._connected()
        if self._machines and self._machines.get(node):
            raise BackendError(f"{node}: it is a VM, and commands there can't be spoken with")
        return connection.dial(node, command)

    def stop(self) -> None:
        """Interrupt every command that this process waits for."""
        if self._connection:
            self._connection.stop()
        if self._machines:
            self._machines.stop()

    def shell(self, node: str) -> list[str]:
        """The words of a command that opens an interactive shell on the node."""
        return [
            sys.executable,
            "-P",
            "-m",
            "labkernel.backends.namespaces.shell",
            self._instance,
            node,
        ]

    def down(self) -> None:
        """Kill the supervisor, whether it answers or not; the kernel removes the rest."""
        with self._lock:
            if self._instance:
                discovery.end(self._instance)
            if self._connection is not None:
                discovery.kill(os.dup(self._pidfd))  # its socket may have been removed
                self._let_go()

    def _let_go(self) -> None:
        """Forget a supervisor that has ended, and see that its keeper has tidied up."""
        if self._connection:
            self._connection.close()
        if self._machines:
            self._machines.close()
            self._machines = None
        os.close(self._pidfd)
        self._connection, self._pidfd = None, -1
        if self._supervisor:
            self._supervisor.end()
            self._supervisor = None
        else:
            discovery.forget(self._instance)

    def running(self) -> list[dict[str, Any]]:
        """What every supervisor of this user says of itself."""
        return discovery.running()

    def read_state(self) -> dict[str, Any]:
        """What the running lab keeps."""
        memo: dict[str, Any] = self._connected().ask("read")["memo"]
        return memo

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change what the running lab keeps, by one request."""
        told = self._connected().ask("update", memo=changes)
        if "refused" in told:
            raise BackendError(told["refused"])
        memo: dict[str, Any] = told["memo"]
        return memo

    def alone(self) -> AbstractContextManager[None]:
        """Hold a lock on what the supervisor has made for that: it ends with this process."""
        return self._connected().turn(self._instance)
