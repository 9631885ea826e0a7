"""CephFS statistics: what trainees usually get wrong, and what the checks then say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel import CheckFailed, LabError, RunningLab
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT, MOUNT_IT
from labkernel.labs.cephfs_rstats.views import trees

pytestmark = pytest.mark.backend

LAB = "cephfs-rstats"


_MOUNT_AGAIN = f"umount --lazy {MOUNT}; {MOUNT_IT}"
_EVICT = "ceph tell mds.alpha session evict client_metadata.mount_point=/mnt/cephfs"


def _fails_until_mounted_again(running: RunningLab, words: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        running.evidence(rstats.mount)
    assert words in str(caught.value)
    running.run("admin", _MOUNT_AGAIN, expect=0)
    assert "and answers" in running.evidence(rstats.mount)


def _evict(running: RunningLab) -> None:
    name = running.run("alpha", "ceph fs status -f json | jq -r '.mdsmap[0].name'", expect=0)
    running.run("alpha", _EVICT.replace("alpha", name.output.strip()), expect=0)


@pytest.mark.walk(rstats.hot)
def test_a_client_that_was_evicted(running: RunningLab) -> None:
    """A stale client, whose session the server has ended, is told from one that has died."""
    _evict(running)
    _fails_until_mounted_again(running, "was evicted, and its address is on the blocklist")


@pytest.mark.walk(rstats.hot)
def test_a_client_that_was_killed_or_stopped(running: RunningLab) -> None:
    """The mount of a client that is gone, or asleep, keeps nobody, neither here nor on the host."""
    running.run("admin", "pkill -STOP -x ceph-fuse", expect=0)
    try:
        with pytest.raises(CheckFailed, match="it gives no answer"):
            running.evidence(rstats.mount)
    finally:
        running.run("admin", "pkill -KILL -x ceph-fuse", expect=0)
        # its session would keep what it had in use from others for a minute
        _evict(running)
    _fails_until_mounted_again(running, "Its client, ceph-fuse, has ended")
    assert "ceph-fuse" not in Path("/proc/self/mounts").read_text()


_LOCK = """
import rados
with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.admin") as cluster:
    with cluster.open_ioctx("lab.data") as pool:
        pool.write_full("probe", b"1")
        pool.lock_exclusive("probe", "lock", "cookie")
        pool.remove_object("probe")
"""


@pytest.mark.walk(rstats.hot)
def test_the_cluster_is_whole(running: RunningLab) -> None:
    """Its OSDs have a device class, object classes load, and the manager's modules answer."""
    classes = running.run("admin", "ceph osd crush class ls-osd hdd", expect=0).output
    assert classes.split() == ["0", "1", "2"]
    running.run("admin", ["python3", "-c", _LOCK], expect=0)
    assert '"active": true' in running.run("admin", "ceph balancer status", expect=0).output
    assert '"name": "lab"' in running.run("admin", "ceph fs volume ls", expect=0).output


_AGAIN = """
import sys
from labkernel import RunningLab, labs
from labkernel.backends import make
from labkernel.labs import cephfs_rstats as rstats
backend = make("namespaces", instance=sys.argv[1], linger=0)
lab = RunningLab(labs.load("cephfs-rstats"), backend).up()
print(lab.has_passed(rstats.mount), lab.evidence(rstats.mount), lab.evidence(rstats.standby))
"""


@pytest.mark.walk(rstats.hot)
def test_a_restarted_kernel_finds_the_cluster(running: RunningLab) -> None:
    """Who attaches to the running lab has the same cluster, healthy, and the mount."""
    words = [sys.executable, "-c", _AGAIN, f"test-{LAB}-{os.getpid()}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("True CephFS is mounted"), done.stderr
    assert "HEALTH_OK" in done.stdout
    assert running.is_up()


@pytest.mark.walk(rstats.hot)
@pytest.mark.rare
def test_the_whole_way_works(running: RunningLab) -> None:
    """Trees are made, with progress, and measured in three ways; once made, they are not made
    again."""
    told: list[tuple[int, int]] = []
    comparison = rstats.measure(counts=[200], lab=running, on_files=lambda *made: told.append(made))
    assert told[-1] == (200, 200)
    assert set(comparison.samples[200]) == {"du", "find", "rstats"}
    assert list(comparison.table().index) == [200]
    assert comparison.figure().axes
    told.clear()
    assert str(rstats.measure(counts=[200], lab=running)) == "trees of 200 files compared"
    assert not told


@pytest.mark.walk(rstats.hot)
def test_too_little_memory_is_said_beforehand(
    running: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With too little memory nothing is made, and the numbers are in the message."""
    monkeypatch.setattr(trees, "KIB_EACH", 1 << 30)
    with pytest.raises(LabError, match=r"100 files take about [\d,]+ MiB, and [\d,]+ MiB are"):
        rstats.measure(counts=[100], lab=running)


@pytest.mark.walk(rstats.hot)
def test_a_file_system_that_is_not_served(running: RunningLab) -> None:
    """What can't be measured is said in one sentence."""
    running.run("admin", "mv /etc/ceph/ceph.client.admin.keyring /root/", expect=0)
    try:
        with pytest.raises(LabError, match=r"admin: can.t make a tree of 100 files: ."):
            rstats.measure(counts=[100], lab=running)
    finally:
        running.run("admin", "mv /root/ceph.client.admin.keyring /etc/ceph/", expect=0)
