"""The namespaces backend: starts supervisors, attaches to them, and ends them."""

import os
import socket
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from labkernel import needs
from labkernel.backends.base import Backend
from labkernel.backends.namespaces import devices, discovery, launch, rundir, sizes, usage
from labkernel.backends.namespaces.client import Connection
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, NodeLost
from labkernel.needs import Need
from labkernel.progress import OnProgress
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.backends.namespaces.machines import Machines

#: seconds between a supervisor's closing of its connections and its end
_ENDS = 5.0


class NamespacesBackend(Backend):
    """The backend for labs in namespaces.

    :param instance: the name of the running lab; the lab's name when empty.  Two backends with the
        same instance are the same running lab.
    :param linger: seconds for which the lab continues without a client; 0 ends it with the last
        one.
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
        """Raise BackendUnavailable, with the remedy, if namespaces can't be made here."""
        devices.require_ipv6()
        with self._lock:
            if self._spare and self._spare.alive():
                self._spare.check()  # it has made the same namespaces as a probe would
                return
        launch.probe()

    def try_out(self) -> str:
        """Start one node with a bridge, and run a command on it."""
        from labkernel.backends.namespaces import trial

        return trial.run()

    def require_for(self, asked: Collection[Need], topology: Topology) -> None:
        """Raise BackendUnavailable, with the remedy, if it can't have its VMs, FUSE or disks."""
        super().require_for(asked, topology)
        devices.require(topology)
        if needs.DIRECT_IO in asked:
            devices.require_direct_io()
        if any(node.kernel for node in topology.nodes):
            from labkernel.backends.namespaces.machines import require

            require(topology)

    def prepare(self) -> None:
        """Start a supervisor, without waiting, that waits for its plan."""
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
        # without the lock: it may raise BackendUnavailable. Its namespaces are made while the plan
        # is prepared.
        _ = supervisor.pid
        with rundir.locked():
            connection = discovery.attach(self._instance)
            socket_ = None if connection else supervisor.listen(self._instance)
        if socket_:
            connection = supervisor.begin(socket_, topology, self._instance, self._linger, machines)
            self._supervisor = supervisor
        assert connection is not None
        self._use(connection, machines if socket_ else None)
        if machines and socket_:
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
            self._use(connection)
        except NodeLost:  # the process that was starting it has ended, and the lab with it
            connection.close()
            return False
        return True

    def _use(self, connection: Connection, machines: "Machines | None" = None) -> None:
        """Use a connection, with a pidfd of its supervisor, since process ids are reused.

        If another process is starting the lab, wait for that.

        :raises NodeLost: it has ended.
        """
        lab = connection.ask("describe") if machines else connection.join()
        pidfd = os.pidfd_open(lab["pid"])
        try:
            connection.ask("describe")
        except BackendError:
            os.close(pidfd)
            raise
        self._pidfd = pidfd
        self._connection, self._digest, self._machines = connection, lab["digest"], machines
        if lab["vms"] and machines is None:
            from labkernel.backends.namespaces.machines import Machines

            self._machines = Machines.attach(connection, lab["vms"])

    def is_up(self) -> bool:
        """Check if this lab's supervisor runs."""
        with self._lock:
            if self._connection is None:
                return bool(self._instance) and self._attach()
            if self._connection.hung_up():
                ended = discovery.has_ended(self._pidfd, _ENDS)
                self._let_go()
                # a supervisor that still runs has closed only this connection
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
        """Plug in a cable, or unplug it."""
        from labkernel.backends.namespaces import cables

        assert self._topology is not None  # set by up()
        ports = self._topology.cable(node, interface)
        cables.set_(self._connected(), self._machines, self._topology, ports, plugged)

    @property
    def attached(self) -> object:
        """The connection, which identifies the running lab."""
        return self._connection or object()

    def ended(self) -> dict[str, str]:
        """The nodes of the running lab that have ended, and how."""
        ended: dict[str, str] = self._connected().ask("describe")["ended"]
        return ended

    def dial(self, node: str, command: Sequence[str]) -> socket.socket:
        """Start a command on a node; its input and output are the socket."""
        connection = self._connected()
        if self._machines and self._machines.get(node):
            raise BackendError(f"{node}: it is a VM, and commands there can't be spoken with")
        return connection.dial(node, command)

    def stop(self) -> None:
        """Interrupt every command that this process runs."""
        if self._connection:
            self._connection.stop()
        if self._machines:
            self._machines.stop()

    def shell(self, node: str) -> list[str]:
        """The command, as a list of words, that opens an interactive shell on the node."""
        return [
            sys.executable,
            "-P",
            "-m",
            "labkernel.backends.namespaces.shell",
            self._instance,
            node,
        ]

    def down(self) -> None:
        """Kill the supervisor, even if it does not answer; the kernel removes the rest."""
        with self._lock:
            if self._instance:
                discovery.end(self._instance)
            if self._connection is not None:
                discovery.kill(os.dup(self._pidfd))  # its socket may have been removed
                self._let_go()

    def _let_go(self) -> None:
        """Forget a supervisor that has ended, and remove its socket if its keeper has not."""
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
        """Describe every running lab of this user."""
        return discovery.running()

    def memory_of(self, running: Mapping[str, Any]) -> int:
        """The memory of its processes and of its nodes' files."""
        return usage.memory_of(running["pid"]) if running["pid"] else 0

    def watched(self) -> list[str]:
        """The directory of the sockets."""
        return [rundir.directory()]

    def read_state(self) -> dict[str, Any]:
        """The values that the running lab stores."""
        state: dict[str, Any] = self._connected().ask("read")["state"]
        return state

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change values of the running lab, by one request."""
        reply = self._connected().ask("update", state=changes)
        if "refused" in reply:
            raise BackendError(reply["refused"])
        state: dict[str, Any] = reply["state"]
        return state

    def alone(self) -> AbstractContextManager[None]:
        """Hold a lock on a file of the supervisor; the lock ends with this process."""
        return self._connected().turn(self._instance)
