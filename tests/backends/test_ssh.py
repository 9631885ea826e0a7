"""Commands by SSH, on a real SSH server: one that is started for each connection, without a VM."""

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.base import Backend
from labkernel.backends.namespaces import NamespacesBackend
from labkernel.backends.ssh import Login, Machine
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, NodeLost
from labkernel.progress import OnProgress
from labkernel.testing.commands import CommandContract
from labkernel.topology import Node, Topology
from labkernel.vm import Keys
from tests.backends import inventory

pytestmark = pytest.mark.backend

Dial = Callable[[], socket.socket]


class OneMachine(Backend):
    """Every node is the same machine."""

    name = "ssh"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def require(self) -> None:
        """It runs already."""

    def up(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        """It is up."""

    def run(
        self,
        node: str,
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = 60.0,
        *,
        stdin: bytes = b"",
    ) -> Result:
        """Run it there."""
        return self.machine.run(command, on_output, timeout, stdin)

    def stop(self) -> None:
        """Interrupt what runs there."""
        self.machine.stop()

    def shell(self, node: str) -> list[str]:
        """None."""
        return []

    def down(self) -> None:
        """Let go."""
        self.machine.close()

    def is_up(self) -> bool:
        """It is."""
        return True


@pytest.fixture(scope="module")
def keys() -> Keys:
    """The keys of a lab."""
    return Keys.new()


@pytest.fixture(scope="module")
def dial(runtime_directory: Path, keys: Keys) -> Iterator[Dial]:
    """Makes a connection to an SSH server on a node, each to one that is started for it."""
    images.build("vm")
    backend = NamespacesBackend("sshd", linger=0)
    backend.up(Topology("sshd", (Node("alpha", image="vm"),)))
    host = io.StringIO()
    keys.host.write_private_key(host)
    public = f"{keys.client.get_name()} {keys.client.get_base64()}\n"
    put = "umask 77; mkdir -p $(dirname $0); cat > $0"
    for path, text in (
        ("/etc/ssh/ssh_host_key", host.getvalue()),
        ("/root/.ssh/authorized_keys", public),
    ):
        assert backend.run("alpha", ["bash", "-c", put, path], stdin=text.encode()).ok
    assert backend.run("alpha", "mkdir -p /run/sshd").ok
    with contextlib.ExitStack() as stack:
        yield lambda: _serve(backend, stack)
    backend.down()


def _serve(backend: NamespacesBackend, stack: contextlib.ExitStack) -> socket.socket:
    """Start a server on one end of a pair of sockets; gives the other."""
    ours, theirs = socket.socketpair()
    with theirs:
        request = {"op": "run", "node": "alpha", "argv": ["/usr/sbin/sshd", "-i"]}
        fds = (theirs.fileno(), theirs.fileno())
        stack.enter_context(backend._connected()._request(request, fds))
    return ours


@pytest.fixture(scope="module")
def machine(keys: Keys, dial: Dial) -> Iterator[Machine]:
    """A machine that takes commands."""
    with Machine("alpha", Login(keys.client, keys.host), dial) as machine:
        machine.connect()
        yield machine


class TestCommands(CommandContract):
    """See CommandContract."""

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, machine: Machine) -> OneMachine:
        """The machine as a backend."""
        return OneMachine(machine)


def test_more_commands_than_a_server_has_sessions_for(machine: Machine) -> None:
    """Commands beyond a connection's ten sessions take another connection, and none fails."""
    with ThreadPoolExecutor(14) as pool:
        jobs = [pool.submit(machine.run, f"sleep 0.5; echo {n}") for n in range(14)]
        assert [job.result().output for job in jobs] == [f"{n}\n" for n in range(14)]


def test_another_machine(dial: Dial, keys: Keys) -> None:
    """A machine with another host key is refused by the node's name, and never logged in to."""
    other = Machine("alpha", Login(keys.client, Keys.new().host), dial)
    with pytest.raises(NodeLost, match="alpha: another machine answers"):
        other.connect()


def test_another_key(dial: Dial, keys: Keys) -> None:
    """A machine that does not know the key says whom it does not let in."""
    other = Machine("alpha", Login(Keys.new().client, keys.host), dial)
    with pytest.raises(NodeLost, match="alpha: it does not let root in"):
        other.connect()


def test_nobody_answers() -> None:
    """A socket whose other end hangs up is an OSError: the machine may still be starting."""
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(OSError, match=r".+"):
        Machine("alpha", Login(Keys.new().client, Keys.new().host), lambda: ours).connect(2)


def test_let_go_in_mid_command(dial: Dial, keys: Keys, machine: Machine) -> None:
    """A command ends when whoever waits for it lets go of the machine, also a stubborn one."""
    other = Machine("alpha", Login(keys.client, keys.host), dial)
    other.connect()
    started, caught = threading.Event(), []

    def run() -> None:
        try:
            other.run("trap '' HUP INT TERM PIPE; echo; sleep 86399", lambda _: started.set(), 60)
        except NodeLost as error:
            caught.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(20)
    assert machine.run("pgrep -fx 'sleep 86399'").ok
    other.close()
    thread.join(20)
    assert caught == ["alpha: the node ended while a command ran. Try: Reset"]
    assert inventory.wait_until(lambda: not machine.run("pgrep -fx 'sleep 86399'").ok)


def test_what_no_command_can_be(machine: Machine) -> None:
    """A command with a NUL character, or one that is too long, is refused in words."""
    with pytest.raises(BackendError, match="NUL"):
        machine.run(["echo", "a\0b"])
    with pytest.raises(BackendError, match="the command is too long: 3"):
        machine.run("x" * 300_000)


def test_the_mark_in_pieces(machine: Machine) -> None:
    """Output that comes in many small pieces, and has hexadecimal digits in it, stays whole."""
    assert machine.run("for n in {1..300}; do printf '%x' $n; done").output == "".join(
        f"{n:x}" for n in range(1, 301)
    )
