"""Start a supervisor: its namespaces, its lab, its end."""

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
_BACKLOG = 4096  # clients that may come in one moment; the kernel's bound (somaxconn) is no larger


@dataclass(frozen=True)
class Place:
    """Where the clients of a lab that is about to start come in.

    :param path: of its socket; empty where none but the starter has the lab.
    """

    path: str
    listener: socket.socket

    def leave(self) -> None:
        """Let nobody in any more."""
        self.listener.close()
        if self.path:
            rundir.remove(self.path)


class Supervisor:
    """A supervisor that has no lab yet: its namespaces are there, it waits for the plan.

    It ends by itself when this process does.

    :raises BackendUnavailable: this machine can't make its namespaces.
    """

    def __init__(self) -> None:
        self._process = SupervisorProcess()

    @property
    def pid(self) -> int:
        """Its process id, as this process sees it."""
        return int(self._process.expect("supervisor"))

    def check(self) -> None:
        """Wait until its namespaces are there.

        :raises BackendUnavailable: they can't be made.
        """
        self._process.expect("ready")

    def alive(self) -> bool:
        """Whether it still waits."""
        return self._process.alive()

    def listen(self, instance: str) -> Place:
        """Have its lab be found, while it is made; the caller holds the lock of the directory.

        :raises BackendError: a socket can't be made there.
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
        return Place(path, listener)

    def begin(
        self,
        place: Place,
        topology: Topology,
        instance: str,
        linger: float,
        machines: "Machines | None" = None,
        layers: plan.Layers | None = None,
    ) -> Connection:
        """Have it make the lab.

        :param machines: its VM nodes, if it has any.
        :param layers: those of its images, where it has none that are built.
        :raises BackendError: what could not be started and why.
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
                "socket": place.path,
            }
            with self._held(place, topology, machines, parts) as (held, mounts):
                self._process.send(message | {"mounts": mounts}, parts, *held)
                login = machines.login() if machines else ""
                self._process.send({"login": login}, plan.wiring(topology))
                self._process.expect("up")
        except BaseException:
            place.leave()
            self.end()
            raise
        place.listener.close()
        return Connection(self._process.control, self.pid)

    @contextmanager
    def _held(
        self,
        place: Place,
        topology: Topology,
        machines: "Machines | None",
        parts: dict[str, Any],
    ) -> Iterator[tuple[list[int], list[str]]]:
        """The descriptors that the supervisor gets, its mounts the last of them; and what these
        are called."""
        held = [os.dup(place.listener.fileno())]
        try:
            held.append(os.open(place.path or "/", os.O_PATH | os.O_CLOEXEC))
            held += plan.hold_layers(self._process.layers)
            held += machines.hold() if machines else []
            mounts = self._mounts(parts)
            held += mounts.values()
            yield held, list(mounts)
        finally:
            protocol.close_all(held)

    def _mounts(self, parts: dict[str, Any]) -> dict[str, int]:
        """For a lab of real root, what it uses of the host's directories as mounts of its own ids:
        layers by their paths; templates by the name of the VM, as each attaches a mount of its own.

        :raises BackendUnavailable: they can't be mounted so.
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
        """End it, and wait for that: by itself, as it is let go of, or killed where it stands
        still."""
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
    """What a supervisor answers to whoever asks what it runs."""
    return {
        "lab": topology.name,
        "instance": instance,
        "digest": topology.digest(),
        "pid": pid,
        "nodes": [node.name for node in topology.nodes],
        "vms": [node.name for node in topology.nodes if node.kernel],
    }


def probe() -> None:
    """Make the namespaces of a lab, and let go of them.

    :raises BackendUnavailable: this machine can't, with the remedy.
    """
    supervisor = Supervisor()
    try:
        supervisor.check()
    finally:
        supervisor.end()
