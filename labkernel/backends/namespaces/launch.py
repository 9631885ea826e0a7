"""Start a supervisor: its namespaces, its lab, its end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from labkernel.backends.namespaces import detached, plan, protocol, rundir, usable
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import BackendError, BackendUnavailable
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.backends.namespaces.machines import Machines

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
BACKEND = "namespaces"
#: nothing of this process's environment is for a lab; newuidmap is found here, on NixOS in the last
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/wrappers/bin"
}
#: seconds between two words of a supervisor that starts a lab, on a busy machine; and those in
#: which one that was let go of ends
_START, _END = 60.0, 2.0
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
        self._control, theirs = protocol.pair()
        self._log: IO[bytes] = os.fdopen(os.memfd_create("supervisor"), "w+b")
        with theirs:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_SUPERVISOR), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=_ENVIRONMENT,
            )
        self._told: protocol.Message = {}
        self._layers: list[str] = []
        #: real root's: a descriptor of its user namespace
        self._namespace = -1

    @property
    def pid(self) -> int:
        """Its process id, as this process sees it."""
        return int(self._expect("supervisor"))

    def check(self) -> None:
        """Wait until its namespaces are there.

        :raises BackendUnavailable: they can't be made.
        """
        self._expect("ready")

    def alive(self) -> bool:
        """Whether it still waits."""
        return self._keeper.poll() is None

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
            self._layers = sorted({path for paths in used.values() for path in paths})
            usable.require_mine(self._layers)
            nodes = plan.nodes(topology, used)
            parts = {"nodes": nodes, "vms": machines.parts() if machines else []}
            message = {
                "describe": describe(topology, instance, self.pid),
                "linger": linger,
                "socket": place.path,
            }
            with self._held(place, topology, machines, parts) as (held, mounts):
                self._send(message | {"mounts": mounts}, parts, *held)
                login = machines.login() if machines else ""
                self._send({"login": login}, plan.wiring(topology))
                self._expect("up")
        except BaseException:
            place.leave()
            self.end()
            raise
        place.listener.close()
        return Connection(self._control, self.pid)

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
            held += plan.hold_layers(self._layers)
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
        if self._namespace < 0:
            return {}
        paths = {layer: layer for part in parts["nodes"] for layer in part["layers"]}
        paths |= {part["name"]: part["folder"] for part in parts["vms"]}
        try:
            return {name: _mapped(path, self._namespace) for name, path in paths.items()}
        finally:
            self._forget_namespace()

    def _forget_namespace(self) -> None:
        if self._namespace >= 0:
            os.close(self._namespace)
            self._namespace = -1

    def _send(self, message: protocol.Message, data: Any, *fds: int) -> None:
        """The data may be longer than a packet: it goes in a file in memory."""
        with os.fdopen(os.memfd_create("plan"), "wb") as file:
            file.write(json.dumps(data).encode())
            file.flush()
            try:
                protocol.send(self._control, message, (file.fileno(), *fds))
            except ConnectionError:
                # it has ended: what it said last tells why
                self._expect("up")
            except OSError as error:
                raise BackendError(f"the lab can't be started: {error.strerror}") from None

    def _expect(self, word: str) -> Any:
        """Wait for a word of the supervisor or the keeper; they speak in no fixed order."""
        while word not in self._told:
            if not protocol.readable(self._control.fileno(), _START):
                raise BackendError(f"the lab's supervisor says nothing for {_START:g} s")
            received = protocol.receive(self._control)
            self._told |= received[0] if received else {}
            if received and received[1]:
                (self._namespace,) = received[1]
            if received is None or {"unavailable", "failed"} & set(self._told):
                self._raise_failure()
        return self._told[word]

    def _raise_failure(self) -> NoReturn:
        told = self._told
        if "unavailable" in told:
            raise BackendUnavailable(BACKEND, told["unavailable"], told["remedy"])
        if "failed" in told:
            usable.require_mountable(told["failed"], self._layers)
            raise BackendError(f"the lab could not be started: {told['failed']}")
        code = self._keeper.wait(_START)
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        said = lines[-1] if lines else "it said nothing"
        raise BackendError(f"the lab's supervisor ended with exit code {code}: {said}")

    def end(self) -> None:
        """End it, and wait for that: by itself, as it is let go of, or killed where it stands
        still."""
        self._control.close()
        self._log.close()
        self._forget_namespace()
        try:
            self._keeper.wait(_END)
        except subprocess.TimeoutExpired:
            if (pid := self._told.get("supervisor")) and self._is_ours(pid):
                os.kill(pid, signal.SIGKILL)
            self._keeper.kill()
            self._keeper.wait()

    def _is_ours(self, pid: int) -> bool:
        """Whether it is the keeper's child still: no other process can have its number then."""
        listed = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children")
        return str(pid) in listed.read_text().split()


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
