"""Start a supervisor, and find one that runs."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from labkernel.backends.namespaces import plan, protocol, rundir
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import BackendError, BackendUnavailable, NodeLost
from labkernel.topology import Topology

if TYPE_CHECKING:
    from labkernel.backends.namespaces.machines import Machines

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
BACKEND = "namespaces"


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
            )
        self._told: protocol.Message = {}

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

    def begin(
        self, topology: Topology, instance: str, linger: float, machines: "Machines | None" = None
    ) -> Connection:
        """Have it make the lab.

        :param machines: its VM nodes, if it has any.
        :raises BackendError: what could not be started and why.
        """
        parts = {"nodes": plan.nodes(topology), "vms": machines.parts() if machines else []}
        # it may say that this machine can't: then there must be no socket yet to leave behind
        told = describe(topology, instance, self.pid)
        path = rundir.new_socket_path(instance)
        held = plan.hold_images(topology)
        held += machines.hold() if machines else []
        held.insert(0, os.open(rundir.directory(), os.O_PATH))
        with _closing(held), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(path)
            listener.listen(64)
            message = {
                "describe": told,
                "linger": linger,
                "login": machines.login() if machines else "",
                "privileged": os.geteuid() == 0,
                "socket": path,
            }
            try:
                self._send(message, parts, listener.fileno(), *held)
                self._send({"wiring": True}, plan.wiring(topology))
                self._expect("up")
            except BaseException:
                self.end()
                rundir.remove(path)
                raise
        return Connection(self._control)

    def _send(self, message: protocol.Message, data: Any, *fds: int) -> None:
        """The data may be longer than a packet: it goes in a file in memory."""
        with os.fdopen(os.memfd_create("plan"), "wb") as file:
            file.write(json.dumps(data).encode())
            file.flush()
            try:
                protocol.send(self._control, message, (file.fileno(), *fds))
            except OSError:
                # it has ended: what it said last tells why
                self._expect("up")

    def _expect(self, word: str) -> Any:
        """Wait for a word of the supervisor or the keeper; they speak in no fixed order."""
        while word not in self._told:
            received = protocol.receive(self._control)
            self._told |= received[0] if received else {}
            if received is None or {"unavailable", "failed"} & set(self._told):
                self._raise_failure()
        return self._told[word]

    def _raise_failure(self) -> NoReturn:
        told = self._told
        if "unavailable" in told:
            raise BackendUnavailable(BACKEND, told["unavailable"], told["remedy"])
        if "failed" in told:
            raise BackendError(f"the lab could not be started: {told['failed']}")
        code = self._keeper.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        said = lines[-1] if lines else "it said nothing"
        raise BackendError(f"the lab's supervisor ended with exit code {code}: {said}")

    def end(self) -> None:
        """End it, and wait for that."""
        self._control.close()
        self._log.close()
        self._keeper.wait()


@contextmanager
def _closing(fds: list[int]) -> Iterator[None]:
    """Close these descriptors in the end."""
    try:
        yield
    finally:
        for fd in fds:
            os.close(fd)


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


def attach(instance: str) -> Connection | None:
    """Connect to the running lab of that name, if there is one; the caller holds the lock."""
    for name, path in rundir.sockets():
        if name == instance and (sock := rundir.connect(path)):
            return Connection(sock)
    return None


def running() -> list[dict[str, Any]]:
    """What every running lab of this user says of itself: lab, instance, pid, nodes, ended."""
    found = []
    with rundir.locked():
        for _, path in rundir.sockets():
            if sock := rundir.connect(path):
                # one that ends at this moment does not run
                with closing(Connection(sock)) as connection, suppress(NodeLost):
                    found.append(connection.ask("describe"))
    return found


def probe() -> None:
    """Make the namespaces of a lab, and let go of them.

    :raises BackendUnavailable: this machine can't, with the remedy.
    """
    supervisor = Supervisor()
    try:
        supervisor.check()
    finally:
        supervisor.end()
