"""A Docker engine on a node: by Docker's own Python library, what can go wrong, and its end."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import Lab, Link, Node, RunningLab, images
from labkernel.backends import make
from labkernel.backends.namespaces import discovery
from labkernel.engine import connect
from labkernel.errors import BackendError, CommandFailed, NodeLost, TopologyError
from tests.backends import inventory

pytestmark = pytest.mark.backend

# A container that has started does not answer at once; what the tries before the answer say is not
# part of it.
_ANSWER = """\
ask() { wget -q -O - http://[::1]/; }
for _ in $(seq 100); do ask 2>/dev/null && exit; sleep 0.1; done; ask"""


@pytest.fixture(scope="module")
def running() -> Iterator[RunningLab]:
    """A node with an engine that runs and has the image box, and one without."""
    images.build("docker")
    lab = Lab(
        "engine",
        nodes=[Node(name, image="docker", containers=True) for name in ("host", "bare")],
        links=[Link("lan", "host:eth0", "bare:eth0", prefix="2001:db8::/64")],
    )
    with RunningLab(
        lab, make("namespaces", instance=f"test-engine-{os.getpid()}", linger=0)
    ) as running:
        running.run("host", "start-dockerd --ipv6 --fixed-cidr-v6=fd00::/64 && make-box", expect=0)
        yield running


def test_a_container_by_the_library(running: RunningLab) -> None:
    """Docker's own library starts a container, runs a command in it, and reads what it prints."""
    with connect(running, "host") as docker:
        web = docker.containers.run("box", name="web", detach=True)
        code, output = web.exec_run(["sh", "-c", _ANSWER])
        assert (code, output) == (0, b"It is a container that answers.\n")
        assert docker.containers.run("box", "echo hello", remove=True) == b"hello\n"
        web.remove(force=True)


def test_many_conversations_at_once(running: RunningLab) -> None:
    """Several threads speak to the engine at the same time; each gets its own answers."""
    with connect(running, "host") as docker:
        names = {f"made-{n}" for n in range(8)}
        threads = [threading.Thread(target=docker.networks.create, args=(n,)) for n in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = {network.name: network for network in docker.networks.list()}
        assert names <= set(found)
        for name in names:
            found[name].remove()


def test_nothing_is_left_of_a_conversation(running: RunningLab) -> None:
    """A client that is closed leaves no process on the node."""
    with connect(running, "host") as docker:
        docker.ping()
    gone = "until ! pgrep -f [d]ial-stdio; do sleep 0.05; done"
    assert running.run("host", gone, timeout=20).ok


def test_the_right_storage_driver(running: RunningLab) -> None:
    """Images are not copied for each container: the engine's data lie beside the node's overlay."""
    with connect(running, "host") as docker:
        assert docker.info()["Driver"] == "overlay2"


def test_no_engine(running: RunningLab) -> None:
    """Without an engine the message says which node, and how to start one."""
    message = r"bare: no Docker engine answers .* Try: start-dockerd"
    with pytest.raises(BackendError, match=message), connect(running, "bare"):
        pass
    with pytest.raises(TopologyError, match="nobody"), connect(running, "nobody"):
        pass


def test_an_engine_that_does_not_come_up(running: RunningLab) -> None:
    """What dockerd said last is in the message, here and for who asks for it later."""
    why = "invalid CIDR address: nonsense"
    with pytest.raises(CommandFailed, match=why):
        running.run("bare", "start-dockerd --bip nonsense", expect=0)
    with pytest.raises(BackendError, match=f"its log ends with “.*{why}"), connect(running, "bare"):
        pass


def test_a_socket_before_the_engine(running: RunningLab) -> None:
    """A socket that nobody serves is not taken for an engine."""
    running.run("bare", "rm -f /run/docker.sock; timeout 0.2 nc -l -U /run/docker.sock; true")
    with pytest.raises(BackendError, match="no Docker engine answers"), connect(running, "bare"):
        pass
    running.run("bare", "rm -f /run/docker.sock", expect=0)


def test_no_fallback_to_copies(running: RunningLab) -> None:
    """Where the data would lie on an overlay, the engine ends and says so, instead of copying."""
    with pytest.raises(CommandFailed, match="driver not supported"):
        running.run("bare", "umount /var/lib/docker && start-dockerd", expect=0)


def test_a_killed_engine_starts_again(running: RunningLab) -> None:
    """The pid file of one that was killed names another process by now, and stops nobody."""
    running.run("host", "pid=$(cat /run/docker.pid); kill -9 $pid; tail --pid=$pid -f /dev/null")
    running.run("host", "sleep 300 & echo $! > /run/docker.pid", expect=0)
    started = running.run("host", "start-dockerd --ipv6 --fixed-cidr-v6=fd00::/64", expect=0)
    assert "answers" in started.output
    with connect(running, "host") as docker:
        assert docker.images.list("box")


def test_containers_take_no_keys(running: RunningLab) -> None:
    """A container has no key ring of its own: an ordinary user may have 200, and no more."""

    def keys() -> int:
        return len(running.run("host", ["cat", "/proc/keys"]).output.splitlines())

    with connect(running, "host") as docker:
        before = keys()
        made = [docker.containers.run("box", detach=True) for _ in range(3)]
        assert keys() <= before
        for each in made:
            each.remove(force=True)


def _cgroups() -> set[str]:
    """Every cgroup of the machine."""
    return {str(path) for path in Path("/sys/fs/cgroup").rglob("*") if path.is_dir()}


def test_nothing_is_left_when_a_lab_is_killed_at_work() -> None:
    """Killed while containers start, a lab leaves no process, namespace, mount, or cgroup."""
    images.build("docker")
    name = f"test-killed-{os.getpid()}"
    lab = Lab("killed", nodes=[Node("host", image="docker", containers=True)])
    running = RunningLab(lab, make("namespaces", instance=name, linger=0))
    cgroups, mounts = _cgroups(), inventory.host()
    running.up()
    running.run("host", "start-dockerd && make-box", expect=0)
    came = threading.Event()
    lost: list[BaseException] = []

    def work() -> None:
        command = "for n in $(seq 100); do docker run --detach --name c$n box; done"
        try:
            running.run("host", command, lambda _: came.set(), timeout=120)
        except NodeLost as error:
            lost.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert came.wait(60)
    supervisor = next(each["pid"] for each in discovery.running() if each["instance"] == name)
    spaces = inventory.namespaces({supervisor})
    born = inventory.now()
    assert _cgroups() <= cgroups
    os.kill(supervisor, signal.SIGKILL)
    thread.join(60)
    assert lost
    assert not running.is_up()  # which reaps the keeper, as everyone's parent must
    assert inventory.wait_until(lambda: not inventory.inside(spaces, born))
    assert inventory.host() == mounts
    assert _cgroups() <= cgroups
