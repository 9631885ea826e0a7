"""Whatever process of a lab stands still or speaks nonsense: nobody waits for ever, and a lab ends
when it is told to."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend, discovery, protocol, rundir
from labkernel.errors import BackendError, NodeLost
from labkernel.testing import CONTRACT_TOPOLOGY
from tests.backends import inventory

pytestmark = [pytest.mark.backend, pytest.mark.slow]

_ENDLESS = Path(__file__).parents[1] / "backends" / "endless_lab.py"
_LABKERNEL = [sys.executable, "-c", "import sys; from labkernel.cli import main; sys.exit(main())"]
_ROUNDS = 12


@pytest.fixture(scope="module", autouse=True)
def base_image() -> None:
    """What nodes are made from."""
    images.build("base")


@contextmanager
def running(instance: str) -> Iterator[NamespacesBackend]:
    """The contract's lab, which ends in any case."""
    backend = NamespacesBackend(instance, linger=0)
    backend.up(CONTRACT_TOPOLOGY)
    try:
        yield backend
    finally:
        NamespacesBackend(instance).down()


def processes(backend: NamespacesBackend) -> dict[str, int]:
    """The processes that a lab consists of, by what they are."""
    pid = backend._connected().ask("describe")["pid"]
    agents = [int(child) for child in _children(pid)]
    return {"keeper": inventory._parent(pid), "supervisor": pid, "agent": agents[0]}


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.parametrize("which", ["keeper", "supervisor", "agent"])
def test_a_process_that_was_stopped(runtime_directory: Path, which: str) -> None:
    """A lab of which any process was stopped is listed, ends when it is told to, and leaves
    nothing; another lab notices nothing."""
    with running("other") as other, running("stopped") as backend:
        found = processes(backend)
        held = [os.pidfd_open(pid) for pid in found.values()]
        os.kill(found[which], signal.SIGSTOP)
        told = {each["instance"]: each for each in discovery.running()}
        assert told["stopped"]["answers"] is (which != "supervisor")
        assert told["stopped"]["stopped"] == (["alpha"] if which == "agent" else [])
        assert told["other"]["answers"] is True
        assert other.run("alpha", "echo goes on").output == "goes on\n"
        done = subprocess.run([*_LABKERNEL, "down", "stopped"], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "stopped has ended.\n")
        assert all(discovery.has_ended(pidfd, 20) for pidfd in held)
        assert [where.instance for where in rundir.sockets()] == ["other"]


def test_status_tells_which_lab_does_not_answer(runtime_directory: Path) -> None:
    """`labkernel status` names a lab that stands still as such."""
    with running("stopped") as backend:
        os.kill(processes(backend)["supervisor"], signal.SIGSTOP)
        done = subprocess.run([*_LABKERNEL, "status"], capture_output=True, text=True)
        assert [word in done.stdout for word in ("stopped", "does not answer")] == [True, True]


def test_status_tells_which_node_does_not_answer(runtime_directory: Path) -> None:
    """`labkernel status` names a node that stands still, in a lab that answers, as such."""
    with running("still") as backend:
        os.kill(processes(backend)["agent"], signal.SIGSTOP)
        done = subprocess.run([*_LABKERNEL, "status"], capture_output=True, text=True)
        assert done.stdout.rstrip().endswith("alpha (does not answer), bravo")


def test_a_command_on_a_node_that_stands_still(
    runtime_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command whose agent does not say how it ended is given up, in a sentence."""
    monkeypatch.setattr("labkernel.backends.namespaces.running_command.GRACE", 0.2)
    monkeypatch.setattr("labkernel.backends.namespaces.running_command._KILLED", 0.5)
    with running("stopped") as backend:
        os.kill(processes(backend)["agent"], signal.SIGSTOP)
        with pytest.raises(NodeLost, match=r"alpha: the node does not answer"):
            backend.run("alpha", "true", timeout=0.2)


def test_up_says_which_nodes_live(runtime_directory: Path) -> None:
    """`labkernel up` of a lab that runs names the nodes that are there and those that have ended,
    and fails."""
    assert subprocess.run([*_LABKERNEL, "up", "start"]).returncode == 0
    try:
        (where,) = rundir.sockets("start")
        os.kill(int(_children(where.pid)[0]), signal.SIGKILL)
        assert inventory.wait_until(lambda: bool(discovery.running()[0]["ended"]))
        done = subprocess.run([*_LABKERNEL, "up", "start"], capture_output=True, text=True)
        (ended,) = discovery.running()[0]["ended"]
        (alive,) = {"alpha", "bravo"} - {ended}
        assert done.returncode == 1
        assert f"start is up: {alive}\n" in done.stderr
        assert f"{ended} (killed by signal 9) ended. Try: labkernel down start" in done.stderr
    finally:
        NamespacesBackend("start").down()


def test_a_request_that_is_not_answered(
    runtime_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A supervisor that stands still is told as that, with what ends it."""
    with running("stopped") as backend:
        os.kill(processes(backend)["supervisor"], signal.SIGSTOP)
        with pytest.raises(rundir.NoAnswer, match=r"does not answer .*labkernel down"):
            backend._connected().ask("describe", within=0.2)


def test_a_lab_that_stands_still_is_not_waited_for(
    runtime_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the answer of a lab that works may take: one whose supervisor was stopped is
    given up, whoever asks, before the request and meanwhile."""
    for name in ("_ANSWER", "_READY", "_START"):
        monkeypatch.setattr(f"labkernel.backends.namespaces.channel.{name}", 1e6)
    monkeypatch.setattr("labkernel.backends.namespaces.channel._SOON", 0.1)
    with running("stopped") as backend:
        supervisor = processes(backend)["supervisor"]
        os.kill(supervisor, signal.SIGSTOP)
        for ask in (NamespacesBackend("stopped").is_up, backend.ended):
            with pytest.raises(rundir.NoAnswer, match=rf"process {supervisor} stands still"):
                ask()
        os.kill(supervisor, signal.SIGCONT)
        assert backend.run("alpha", "echo goes on").output == "goes on\n"


def test_commands_on_a_lab_that_stands_still(runtime_directory: Path) -> None:
    """Who uses a lab whose supervisor was stopped has done nothing wrong: a command on it fails,
    with one sentence."""
    assert subprocess.run([*_LABKERNEL, "up", "start"]).returncode == 0
    try:
        (where,) = rundir.sockets("start")
        os.kill(where.pid, signal.SIGSTOP)
        for words in (
            ("shell", "start", "alpha", "true"),
            ("shell", "start", "alpha"),
            ("do", "start", "1"),
            ("up", "start"),
        ):
            done = subprocess.run([*_LABKERNEL, *words], capture_output=True, text=True)
            assert (done.returncode, done.stdout) == (1, ""), done
            assert done.stderr == (
                f"labkernel: the lab does not answer (process {where.pid} stands still). Try: "
                "labkernel status, and labkernel down, which ends it all the same\n"
            )
    finally:
        NamespacesBackend("start").down()


def test_stopped_at_random_moments(runtime_directory: Path) -> None:
    """Whichever process of a lab is stopped at whatever moment of its start or its work, the lab is
    listed or not there, it can be ended, and nothing is left."""
    mark = f"XDG_RUNTIME_DIR={runtime_directory}"
    chance = random.Random(15)
    for number in range(_ROUNDS):
        with ExitStack() as stack:
            client = stack.enter_context(inventory.client(_ENDLESS, "0"))
            threading.Event().wait(chance.uniform(0.05, 0.9))
            spaces, pids = inventory.of_lab(mark)
            victim = chance.choice([pid for pid in pids if pid != client.pid] or [client.pid])
            until = inventory.now()
            _stop(victim)
            discovery.running()
            NamespacesBackend("endless").down()
        _end_stopped(victim)
        where = f"round {number}"
        assert inventory.wait_until(lambda: not inventory.inside(spaces, until)), where  # noqa: B023
        assert inventory.wait_until(lambda: not inventory.marked(mark)), where
        assert discovery.running() == [], where
        assert list((runtime_directory / "labkernel").iterdir()) == [], where


def _stop(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGSTOP)
    except ProcessLookupError:
        return  # it has just ended by itself


def _end_stopped(pid: int) -> None:
    """What only its stopped process keeps, as before a lab has a name, goes when that goes on."""
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return


_NONSENSE = [
    b"x", b"{}", b"[]", b"null", b'"op"', b"7", b"[" * 5000, b'{"op":"run"}', b'{"op":[]}',
    b'{"op":"describe"}', b'{"op":"run","node":"alpha"}', b'{"op":"run","node":["alpha"]}',
    b'{"op":"run","node":"alpha","argv":[]}', b'{"op":"run","node":"alpha","argv":["a\\u0000"]}',
    b'{"op":"run","node":"alpha","argv":[""]}', b'{"op":"run","node":"alpha","argv":"text"}',
    b'{"op":"run","node":"alpha","argv":["\\ud800"]}', b'{"op":"run","node":"alpha","argv":7}',
    b'{"op":"terminal","node":"alpha"}', b'{"op":"terminal","node":"alpha","term":7}',
    b'{"op":"carrier"}', b'{"op":"carrier","wires":[7],"on":1}', b'{"op":"update"}',
    b'{"op":"dial","node":{}}', b'{"op":"control"}', b'{"op":"console","node":"alpha"}',
    b'{"op":"join"}', b'{"op":"ready"}', b'{"op":"login"}', b'{"op":"of a later version"}',
    b"\xff\xfe", b'{"op":"run","node":"alpha","argv":["true"],"signal":{}}',
]  # fmt: skip


@pytest.mark.parametrize("with_descriptors", [0, 1, 2, 3])
def test_nonsense_ends_nothing(runtime_directory: Path, with_descriptors: int) -> None:
    """No message of a client, whatever it is and brings along, ends a supervisor, an agent or what
    other clients do; nor does it leave descriptors behind."""
    with running("nonsense") as backend:
        (where,) = rundir.sockets("nonsense")
        found = processes(backend)
        before = _all_descriptors(found)
        for data in _NONSENSE:
            with ExitStack() as stack:
                client = stack.enter_context(_connected(where))
                fds = [os.open("/dev/null", os.O_RDWR) for _ in range(with_descriptors)]
                mine, theirs = protocol.pair()
                stack.enter_context(mine)
                socket.send_fds(client, [data], [*fds, theirs.fileno()][-with_descriptors:])
                for fd in (*fds, theirs.detach()):
                    os.close(fd)
                mine.settimeout(20)
                if with_descriptors:
                    mine.recv(1 << 16)  # an answer, or the end
        for node in ("alpha", "bravo"):
            assert backend.run(node, "echo goes on").output == "goes on\n"
        # those of clients that have just gone may still be there for a moment
        assert inventory.wait_until(lambda: _all_descriptors(found) <= before)


def test_answers_to_where_there_is_no_socket(runtime_directory: Path) -> None:
    """A request whose answer would go to a file ends no agent."""
    with running("nowhere") as backend, Path("/dev/null").open("r+b") as null:
        (where,) = rundir.sockets("nowhere")
        for data in _NONSENSE:
            with _connected(where) as client:
                socket.send_fds(client, [data], [null.fileno()] * 3)
        for node in ("alpha", "bravo"):
            assert backend.run(node, "echo goes on").output == "goes on\n"


def _connected(where: rundir.Socket) -> socket.socket:
    sock = rundir.connect(where)
    assert sock
    return sock


def _all_descriptors(found: dict[str, int]) -> int:
    """How many descriptors the processes of a lab have; 0 for an ordinary user, who can't look into
    what runs a lab."""
    try:
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in found.values())
    except PermissionError:
        return 0


@pytest.mark.parametrize("data", [b"x", b"{}", b'{"signal":"KILL"}', b'{"signal":-9}', b"[]"])
def test_a_signal_that_is_none(runtime_directory: Path, data: bytes) -> None:
    """What comes on a command's own socket and is no signal ends neither the command nor its
    node."""
    with running("signals") as backend:
        connection = backend._connected()
        message = {"op": "run", "node": "alpha", "argv": ["sleep", "1"]}
        with (
            Path("/dev/null").open("r+b") as null,
            connection._request(message, (null.fileno(), null.fileno())) as answer,
        ):
            answer.send(data)
            answer.settimeout(20)
            received = protocol.receive(answer)
            assert received
            assert received[0] == {"exit": 0}
        assert backend.run("alpha", "echo goes on").output == "goes on\n"


def test_another_version_is_told(runtime_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who attaches to a lab that another version has started is told so, and how to end it."""
    with running("old"):
        monkeypatch.setattr(protocol, "VERSION", protocol.VERSION + 1)
        with pytest.raises(BackendError, match=r"another version .*labkernel down old"):
            NamespacesBackend("old").up(CONTRACT_TOPOLOGY)


def test_what_is_not_ours_in_the_runtime_directory(runtime_directory: Path) -> None:
    """A directory, a file or a broken link with the name of a socket is in nobody's way, and
    stays."""
    ours = Path(rundir.directory())
    (ours / "folder.sock").mkdir()
    (ours / "file.sock").write_text("x")
    (ours / "link.sock").symlink_to("/nowhere")
    try:
        assert discovery.running() == []
        done = subprocess.run([*_LABKERNEL, "down", "--all"], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "No lab runs.\n")
        assert len(list(ours.iterdir())) == 3
    finally:
        (ours / "folder.sock").rmdir()
        for name in ("file.sock", "link.sock"):
            (ours / name).unlink()


def test_a_file_in_place_of_the_runtime_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where the directory should be is told in a sentence."""
    (tmp_path / "labkernel").write_text("x")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(BackendError, match="is not a directory of yours alone"):
        rundir.directory()
