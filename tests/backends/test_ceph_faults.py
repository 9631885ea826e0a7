"""A Ceph cluster, with CephFS mounted by FUSE: whatever is killed, nothing is left behind."""

import os
import random
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from labkernel import Lab, LabError, Link, Node, RunningLab, images
from labkernel.backends import make
from labkernel.backends.namespaces import discovery
from labkernel.labs._ceph import Cluster, bring_up
from labkernel.labs._ceph.configuration import MONITORS, wait_for
from tests.backends import inventory

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(600)]

_PROGRAM = Path(__file__).with_name("ceph_in_the_making.py")
_ROUNDS = 20
#: seconds within which a round's victim is killed: the cluster needs about half of that
_WHILE = 12.0
_POOLS = [("lab", 16, "lessons")]


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    """What the nodes are made from."""
    images.build("cephfs")


@pytest.fixture
def running() -> Iterator[RunningLab]:
    """Nodes that run, and have no cluster yet."""
    addresses = {f"{name}:eth0": [f"{address}/64"] for name, address in MONITORS.items()}
    addresses["admin:eth0"] = ["2001:db8::1/64"]
    made = Lab(
        "ceph-faults",
        nodes=[Node(name, image="cephfs", memory=1024) for name in (*MONITORS, "admin")],
        links=[Link("lan", *addresses, addresses=addresses)],
    )
    backend = make("namespaces", instance=f"ceph-faults-{os.getpid()}", linger=0)
    with RunningLab(made, backend) as running:
        yield running


def _of(running: RunningLab) -> tuple[set[tuple[str, int]], int]:
    """The namespaces of a running lab, and now."""
    (told,) = (each for each in discovery.running() if each["lab"] == running.lab.name)
    children = Path(f"/proc/{told['pid']}/task/{told['pid']}/children").read_text().split()
    return inventory.namespaces({told["pid"], *map(int, children)}), inventory.now()


def test_ended_in_mid_recovery(running: RunningLab, runtime_directory: Path) -> None:
    """A lab that ends while placement groups recover leaves nothing."""
    bring_up(running, Cluster(pools=_POOLS))
    running.run(
        "charlie", f"pkill -9 -x ceph-osd\n{wait_for('ceph osd dump', '^osd.2 down')}", expect=0
    )
    running.run("admin", "rados -p lab bench 2 write --no-cleanup -b 65536", expect=0)
    running.run("admin", "ceph osd set norecover", expect=0)
    behind = "ceph pg stat | grep -q degraded"
    running.run("charlie", f"ceph-osd -i 2\n{wait_for('ceph osd dump', '^osd.2 up')}", expect=0)
    running.run("admin", f"ceph osd unset norecover\n{behind}", expect=0)
    spaces, until = _of(running)
    running.down()
    assert inventory.wait_until(lambda: not inventory.inside(spaces, until))


def test_a_daemon_that_dies_at_its_start(running: RunningLab) -> None:
    """It is not waited for, and its log's last words are in the message."""
    with pytest.raises(LabError, match=r"mon\.\w+ has ended.* levels of available storage space"):
        bring_up(running, Cluster(settings="mon_data_avail_crit = 100"))


@pytest.mark.long
def test_killed_at_random_moments(runtime_directory: Path) -> None:
    """Whichever process is killed, at whatever moment of a cluster's making and of a write to its
    file system, no process and no mount is left."""
    mark = f"XDG_RUNTIME_DIR={runtime_directory}"
    chance = random.Random(8)
    before = inventory.host()
    reached: set[str] = set()
    for number in range(_ROUNDS):
        spaces, until, victim, said = _round(chance, mark, number)
        reached.update(said.split())
        where = f"round {number}, killed {victim}"
        assert inventory.wait_until(lambda: not inventory.inside(spaces, until)), where  # noqa: B023
        assert inventory.wait_until(lambda: not inventory.marked(mark)), where
        assert inventory.host() == before, where
        assert discovery.running() == [], where
    assert {"up", "mounted"} <= reached, "no round got as far as a mount"


def _round(
    chance: random.Random, mark: str, number: int
) -> tuple[set[tuple[str, int]], int, str, str]:
    """Bring a cluster up, kill one of its processes at a random moment, and the client after that.

    The last round is killed while its mount is written to.
    """
    with inventory.client(_PROGRAM, f"ceph-{number}") as client:
        assert client.stdout
        if number == _ROUNDS - 1:
            said = client.stdout.readline() + client.stdout.readline()
        else:
            said = ""
            threading.Event().wait(chance.uniform(0.0, _WHILE) * (number / _ROUNDS))
        spaces, pids = inventory.of_lab(mark)
        until = inventory.now()
        victim = inventory.kill(chance.choice(pids))
        with suppress(subprocess.TimeoutExpired):
            client.wait(chance.uniform(0.0, 0.5))
        client.kill()
        said += client.communicate()[0]
    return spaces, until, victim, said
