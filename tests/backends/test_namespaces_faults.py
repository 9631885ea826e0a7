"""What is killed leaves nothing behind, and what is left says what happened."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.base import Backend
from labkernel.backends.namespaces import NamespacesBackend, devices, discovery, rundir
from labkernel.errors import BackendUnavailable, ImageError, NodeLost
from labkernel.testing import CONTRACT_TOPOLOGY
from labkernel.topology import Node, Topology
from tests.backends import inventory

pytestmark = pytest.mark.backend

_ENDLESS = Path(__file__).with_name("endless_lab.py")
_ROUNDS = 50


@pytest.fixture
def backend(runtime_directory: Path) -> Iterator[NamespacesBackend]:
    """A running lab."""
    backend = NamespacesBackend("faults", linger=0)
    backend.up(CONTRACT_TOPOLOGY)
    yield backend
    backend.down()


def _sockets(runtime_directory: Path) -> list[Path]:
    return list((runtime_directory / "labkernel").iterdir())


def _killed_while_running(backend: Backend, kill: Callable[[], object]) -> NodeLost:
    """What a command says whose ground is taken away from it."""
    started = threading.Event()
    caught: list[NodeLost] = []

    def run() -> None:
        try:
            backend.run("alpha", "echo started; sleep 1000", lambda _: started.set(), timeout=60)
        except NodeLost as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(20)
    kill()
    thread.join(20)
    assert caught, "the command did not notice"
    return caught[0]


def _agent(name: str) -> int:
    """The process id of a node's PID 1."""
    told = discovery.running()[0]
    children = Path(f"/proc/{told['pid']}/task/{told['pid']}/children").read_text().split()
    return int(children[told["nodes"].index(name)])


def test_node_killed_in_mid_step(backend: NamespacesBackend) -> None:
    """A node that is killed fails its command at once, by name; the others go on."""
    error = _killed_while_running(backend, lambda: os.kill(_agent("alpha"), signal.SIGKILL))
    assert "alpha: the node ended while a command ran" in str(error)
    assert backend.run("bravo", "true").ok
    with pytest.raises(NodeLost, match=r"alpha: the node has ended \(killed by signal 9\)"):
        backend.run("alpha", "true")


def test_supervisor_killed_in_mid_step(backend: NamespacesBackend) -> None:
    """A lab that is killed fails its command at once, and can be started again."""
    pid = discovery.running()[0]["pid"]
    error = _killed_while_running(backend, lambda: os.kill(pid, signal.SIGKILL))
    assert "Try: " in str(error)
    assert not backend.is_up()
    backend.up(CONTRACT_TOPOLOGY)
    assert backend.run("alpha", "true").ok


def test_asked_to_end(backend: NamespacesBackend, runtime_directory: Path) -> None:
    """A machine that shuts down, and asks every process to end, does not have to wait for a lab."""
    os.kill(discovery.running()[0]["pid"], signal.SIGTERM)
    assert inventory.wait_until(lambda: not backend.is_up())
    assert inventory.wait_until(lambda: _sockets(runtime_directory) == [])


def test_a_node_can_not_end_itself(backend: NamespacesBackend) -> None:
    """Nobody inside a node can end its PID 1."""
    assert backend.run("alpha", "kill -TERM 1; kill -KILL 1; kill -INT 1").ok
    assert backend.run("alpha", "hostname").output == "alpha\n"


def test_client_killed(runtime_directory: Path) -> None:
    """A lab outlives the notebook's kernel, whose restart finds it; its command is ended."""
    with inventory.client(_ENDLESS, "60") as client:
        assert client.stdout
        assert client.stdout.readline() == "up\n"
    backend = NamespacesBackend("endless")
    backend.up(CONTRACT_TOPOLOGY)
    try:
        gone = "while pgrep -f '[f]or i in'; do sleep 0.01; done"
        assert backend.run("alpha", gone, timeout=20).ok
    finally:
        backend.down()
    assert _sockets(runtime_directory) == []


def test_last_client_gone(runtime_directory: Path) -> None:
    """A lab that is tied to its clients ends with the last one."""
    mark = f"XDG_RUNTIME_DIR={runtime_directory}"
    with inventory.client(_ENDLESS, "0") as client:
        assert client.stdout
        assert client.stdout.readline() == "up\n"
        spaces, until = inventory.namespaces(inventory.marked(mark)), inventory.now()
        assert inventory.inside(spaces, until), "the inventory does not see a running lab"
    assert inventory.wait_until(lambda: not inventory.inside(spaces, until))
    assert inventory.wait_until(lambda: _sockets(runtime_directory) == [])


@pytest.mark.slow
def test_killed_at_random_moments(runtime_directory: Path) -> None:
    """Whichever process of a lab is killed at whatever moment, nothing is left behind."""
    mark = f"XDG_RUNTIME_DIR={runtime_directory}"
    chance = random.Random(6)
    before = inventory.host()
    for number in range(_ROUNDS):
        spaces, until, victim = _round(chance, mark)
        where = f"round {number}, killed {victim}"
        assert inventory.wait_until(lambda: not inventory.inside(spaces, until)), where  # noqa: B023
        assert inventory.wait_until(lambda: not inventory.marked(mark)), where
        assert inventory.host() == before, where
        # a keeper and its supervisor killed in one moment leave the socket to the next who looks
        assert discovery.running() == [], where
        assert _sockets(runtime_directory) == [], where


def _round(chance: random.Random, mark: str) -> tuple[set[tuple[str, int]], int, str]:
    """Start a lab, kill one of its processes at a random moment, and the client in the end."""
    with inventory.client(_ENDLESS, "0") as client:
        threading.Event().wait(chance.uniform(0.0, 0.6))
        spaces, pids = inventory.of_lab(mark)
        victim = chance.choice(pids)
        until = inventory.now()
        name = inventory.kill(victim)
        with suppress(subprocess.TimeoutExpired):
            client.wait(chance.uniform(0.0, 0.5))
    return spaces, until, name


def test_user_namespaces_not_allowed(tmp_path: Path) -> None:
    """Where user namespaces are switched off, the sentence names the setting and its remedy."""
    script = (
        "import os\n"
        "from labkernel import linux, refusals, user_namespace\n"
        "linux.unshare(linux.CLONE_NEWUSER)\n"
        "open('/proc/sys/user/max_user_namespaces', 'w').write('0')\n"
        "try:\n"
        "    user_namespace.unshare_and_map(linux.CLONE_NEWUSER, lambda pid: 0, OSError)\n"
        "except refusals.NoUserNamespace as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30
    )
    assert done.stdout == (
        "user namespaces are not allowed (user.max_user_namespaces = 0). "
        "Try: sudo sysctl user.max_user_namespaces=15000.\n"
    ), done.stderr


def test_namespaces_refused_to_root() -> None:
    """A root that may not make namespaces, as in a container, is told so, and what to try."""
    script = (
        "from labkernel import linux, user_namespace\n"
        "from labkernel.backends.namespaces import NamespacesBackend\n"
        "user_namespace.enter()\n"  # an ordinary user has no capability to drop
        "linux._libc.prctl(24, 21, 0, 0, 0)\n"  # PR_CAPBSET_DROP, CAP_SYS_ADMIN
        "try:\n"
        "    NamespacesBackend().require()\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.startswith("BackendUnavailable The namespaces backend can't run here: ")
    assert "Try: " in done.stdout


def test_no_subordinate_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a range of subordinate ids is told how to get one."""
    from labkernel import refusals, user_namespace

    monkeypatch.setattr(os, "geteuid", lambda: 1)
    monkeypatch.setattr(user_namespace, "subordinate_ids", lambda *_: [])
    with pytest.raises(refusals.NoUserNamespace, match="usermod --add-subuids"):
        user_namespace.enter()


def test_socket_directory_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets are never put where others could reach them."""
    (tmp_path / "labkernel").mkdir(mode=0o777)
    (tmp_path / "labkernel").chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(Exception, match="not a directory of yours alone"):
        NamespacesBackend("x").up(CONTRACT_TOPOLOGY)


def test_sockets_without_a_runtime_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a runtime directory of the user's own, sockets are in the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for other in ("", str(tmp_path / "missing")):
        monkeypatch.setenv("XDG_RUNTIME_DIR", other)
        assert rundir.directory() == str(tmp_path / "labkernel" / "run" / "labkernel")


def test_unavailable_names_the_remedy() -> None:
    """What the client raises where a supervisor has no namespaces carries why and the remedy."""
    error = BackendUnavailable("namespaces", "user namespaces are not allowed", "sudo sysctl x=1")
    assert str(error) == (
        "The namespaces backend can't run here: user namespaces are not allowed. "
        "Try: sudo sysctl x=1."
    )


def test_no_fuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no device for FUSE, or it is closed to the user, that is said beforehand."""
    wanting = Topology("wanting", (Node("alpha", fuse=True),))
    with pytest.raises(BackendUnavailable, match=r"no .* Try: sudo modprobe fuse"):
        devices.require(wanting, str(tmp_path / "fuse"))
    (tmp_path / "fuse").touch()
    devices.require(wanting, str(tmp_path / "fuse"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BackendUnavailable, match=r"may not open .*fuse\. Try: sudo chmod 666"):
        NamespacesBackend("wanting").up(wanting)


def test_images_stay_while_a_lab_runs(backend: NamespacesBackend) -> None:
    """An image can't be removed from under a running lab."""
    with pytest.raises(ImageError, match="base"):
        images.remove("base")
    assert images.find("base").built
    assert backend.run("alpha", "true").ok


def test_lab_that_nobody_can_find(runtime_directory: Path) -> None:
    """A lab without clients whose socket is removed ends, since nobody could ever end it."""
    mark = f"XDG_RUNTIME_DIR={runtime_directory}"
    with inventory.client(_ENDLESS, "3600") as client:
        assert client.stdout
        assert client.stdout.readline() == "up\n"
        spaces, until = inventory.namespaces(inventory.marked(mark)), inventory.now()
        for path in _sockets(runtime_directory):
            path.unlink()
    assert inventory.wait_until(lambda: not inventory.inside(spaces, until))
