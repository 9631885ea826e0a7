"""Starts supervisors: their namespaces and their labs."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkernel.backends.namespaces import detached, plan, protocol, rundir, usable
from labkernel.backends.namespaces.client import Connection
from labkernel.backends.namespaces.supervisor_process import SupervisorProcess
from labkernel.errors import BackendError, BackendUnavailable
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.backends.namespaces.machines import Machines

BACKEND = "namespaces"
_BACKLOG = 4096  # clients that may connect at once; the kernel's limit (somaxconn) is no larger


@dataclass(frozen=True)
class Listener:
    """The socket on which the clients of a lab connect, before its start.

    :param path: the path of the socket; empty if only the starter uses the lab.
    """

    path: str
    listener: socket.socket

    def leave(self) -> None:
        """Remove the socket: no client can connect any more."""
        self.listener.close()
        if self.path:
            rundir.remove(self.path)


class Supervisor:
    """A supervisor without a lab: its namespaces exist, and it waits for the plan.

    It ends when this process ends.

    :raises BackendUnavailable: this machine can't make its namespaces.
    """

    def __init__(self) -> None:
        self._process = SupervisorProcess()

    @property
    def pid(self) -> int:
        """Its process id, in this process's pid namespace."""
        return int(self._process.expect("supervisor"))

    def check(self) -> None:
        """Wait until its namespaces exist.

        :raises BackendUnavailable: they can't be made.
        """
        self._process.expect("ready")

    def alive(self) -> bool:
        """Check if it still waits."""
        return self._process.alive()

    def listen(self, instance: str) -> Listener:
        """Make the socket by which clients find the lab; the caller holds the directory's lock.

        :raises BackendError: the socket can't be made.
        """
        path = rundir.new_socket_path(instance, self.pid)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            listener.bind(path)
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise BackendError(
                f"{path} can't be made: {error.strerror}", "XDG_RUNTIME_DIR=$(mktemp -d)"
            ) from None
        return Listener(path, listener)

    def begin(
        self,
        endpoint: Listener,
        topology: Topology,
        instance: str,
        linger: float,
        machines: "Machines | None" = None,
        layers: plan.Layers | None = None,
    ) -> Connection:
        """Start the lab.

        :param machines: its VM nodes, if it has any.
        :param layers: the layers of its images, if they are not those of built images.
        :raises BackendError: it could not be started, with the reason.
        """
        try:
            used = plan.layers(topology) if layers is None else layers
            self._process.layers = sorted({path for paths in used.values() for path in paths})
            usable.require_mine(self._process.layers)
            nodes = plan.nodes(topology, used)
            parts = {"nodes": nodes, "vms": machines.parts() if machines else []}
            message = {
                "describe": describe(topology, instance, self.pid),
                "linger": linger,
                "socket": endpoint.path,
            }
            with self._held(endpoint, topology, machines, parts) as (held, mounts):
                self._process.send(message | {"mounts": mounts}, parts, *held)
                login = machines.login() if machines else ""
                self._process.send({"login": login}, plan.wiring(topology))
                self._process.expect("up")
        except BaseException:
            endpoint.leave()
            self.end()
            raise
        endpoint.listener.close()
        return Connection(self._process.control, self.pid)

    @contextmanager
    def _held(
        self,
        endpoint: Listener,
        topology: Topology,
        machines: "Machines | None",
        parts: dict[str, Any],
    ) -> Iterator[tuple[list[int], list[str]]]:
        """The descriptors for the supervisor, the mounts last, and the names of the mounts."""
        held = [os.dup(endpoint.listener.fileno())]
        try:
            held.append(os.open(endpoint.path or "/", os.O_PATH | os.O_CLOEXEC))
            held += plan.hold_layers(self._process.layers)
            held += machines.hold() if machines else []
            mounts = self._mounts(parts)
            held += mounts.values()
            yield held, list(mounts)
        finally:
            protocol.close_all(held)

    def _mounts(self, parts: dict[str, Any]) -> dict[str, int]:
        """For a lab of real root, id-mapped mounts of directories of the host: layers by their
        paths; templates by the name of the VM, since each attaches a mount of its own.

        :raises BackendUnavailable: the mounts can't be made.
        """
        if self._process.namespace < 0:
            return {}
        paths = {layer: layer for part in parts["nodes"] for layer in part["layers"]}
        paths |= {part["name"]: part["folder"] for part in parts["vms"]}
        try:
            return {name: _mapped(path, self._process.namespace) for name, path in paths.items()}
        finally:
            self._process.forget_namespace()

    def end(self) -> None:
        """Close the connection, and wait for its end; kill it if it is stopped."""
        self._process.end()


def _mapped(path: str, inside: int) -> int:
    try:
        return detached.mapped(path, inside)
    except OSError as error:
        raise BackendUnavailable(
            BACKEND,
            f"root's nodes have user ids of their own, and {path} can't be mounted with them "
            f"({error.strerror}; it is on {usable.file_system(path)})",
            "Linux 5.19 or newer, XDG_CACHE_HOME on ext4, XFS or Btrfs, or an ordinary user",
        ) from None


def describe(topology: Topology, instance: str, pid: int) -> dict[str, Any]:
    """The supervisor's reply to the request for its description."""
    return {
        "lab": topology.name,
        "instance": instance,
        "digest": topology.digest(),
        "pid": pid,
        "nodes": [node.name for node in topology.nodes],
        "vms": [node.name for node in topology.nodes if node.kernel],
    }


def probe() -> None:
    """Make the namespaces of a lab, and remove them.

    :raises BackendUnavailable: this machine can't, with the remedy.
    """
    supervisor = Supervisor()
    try:
        supervisor.check()
    finally:
        supervisor.end()
