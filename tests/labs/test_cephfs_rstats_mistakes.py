"""CephFS statistics: what trainees usually get wrong, and what the checks then say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel import CheckFailed, LabError, RunningLab, Step
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats import commands, trees
from labkernel.labs.cephfs_rstats.hottest import PROGRAM

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "cephfs-rstats"

_ONE_POOL = "ceph osd pool create lab.meta 8"
_POOLS = f"{_ONE_POOL}\nceph osd pool create lab.data 16"
_NO_POOLS = commands.REMOVE.splitlines()[-1]

_NO_CAPS = (
    f"ceph auth caps {commands.CLIENT} mon 'allow r' osd 'allow rw tag cephfs data=lab'\n"
    f"ceph auth get {commands.CLIENT} > {commands.KEYRING}"
)
_NO_P = "ceph auth caps client.lab mds 'allow rw fsname=lab' mon 'allow r' osd 'allow rw'"
_ALL_CAPS = (
    "ceph auth caps client.lab mds 'allow rwps fsname=lab' mon 'allow r fsname=lab' "
    "osd 'allow rw tag cephfs data=lab'"
)
_ELSEWHERE = "sed -i 's/2001:db8::100/2001:db8::109/' /etc/ceph/ceph.conf"
_BACK = "sed -i 's/2001:db8::109/2001:db8::100/' /etc/ceph/ceph.conf"
_MOUNT_AGAIN = f"umount --lazy {commands.MOUNT}; {commands.MOUNT_IT}"
_EVICT = "ceph tell mds.alpha session evict client_metadata.mount_point=/mnt/cephfs"
_WITHOUT_CAPS = commands.serve("bravo").replace("osd 'allow rw tag cephfs *=*' mds 'allow'", "")

_ANYWHERE = f"printf '#!/bin/sh\\necho $1/0/0/0/0\\n' > {PROGRAM}; chmod +x {PROGRAM}"
_WALKS = f"""\
cat > {PROGRAM} <<'END'
#!/bin/sh
dirname "$(find "$1" -type f -printf '%T@ %p\\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)"
END
chmod +x {PROGRAM}"""
_SET = f"setfattr -n ceph.quota.max_bytes -v {{}} {commands.MOUNT}/home{{}}"

MISTAKES: Mistakes = {
    rstats.make: [
        ("admin", "true", "true", "there is no pool lab.meta (pools: none)"),
        ("admin", _POOLS, _NO_POOLS, "the pool lab.meta is for no application yet"),
        (
            "admin",
            f"{_POOLS}\nceph fs new lab lab.data lab.meta",
            commands.REMOVE,
            "its metadata are not in lab.meta. The metadata pool stands first",
        ),
        (
            "admin",
            f"{_POOLS}\nceph fs new cephfs lab.meta lab.data",
            commands.REMOVE.replace("fail lab", "fail cephfs").replace("rm lab", "rm cephfs"),
            "it is called cephfs",
        ),
    ],
    rstats.standby: [
        ("bravo", "true", "true", "(MDS_INSUFFICIENT_STANDBY: insufficient standby MDS daemons"),
        (
            "bravo",
            commands.serve("bravo").rpartition("\n")[0],
            commands.retire("bravo"),
            "`ceph-mds -i bravo`.",
        ),
        (
            "bravo",
            _WITHOUT_CAPS,
            commands.retire("bravo"),
            "mds.bravo has no caps for osd. It would fail when",
        ),
    ],
    rstats.authorize: [
        ("admin", "true", "true", "the cluster knows no client.lab"),
        (
            "admin",
            "ceph fs authorize lab client.lab / rwps",
            commands.FORBID,
            f"{commands.KEYRING} does not have it",
        ),
        (
            "admin",
            commands.AUTHORIZE.replace("rwps", "rw"),
            commands.FORBID,
            "It can't set quotas: p is missing",
        ),
        (
            "admin",
            f"{commands.AUTHORIZE}\n{_NO_CAPS}",
            commands.FORBID,
            "no metadata server would speak to it",
        ),
    ],
    rstats.mount: [
        ("admin", "true", "true", "nothing is mounted there. `ceph-fuse --id lab"),
        (
            "admin",
            f"{_ELSEWHERE}\ntimeout 3 ceph-fuse -f --id lab /media || true",
            _BACK,
            "a monitor is looked for at [2001:db8::109], where none is",
        ),
        (
            "admin",
            f"{_NO_CAPS}\ntimeout 3 ceph-fuse -f --id lab /media || true",
            _ALL_CAPS,
            "the key of client.lab has no caps for mds",
        ),
    ],
    rstats.sparse: [
        (
            "admin",
            f"truncate -s 80T {commands.MOUNT}/home/bob/disk || true",
            f"mv {commands.MOUNT}/home/bob/disk {commands.MOUNT}/empty",
            "a file may have 1 TiB at most",
        ),
        (
            "admin",
            commands.SPARSE.replace("80T", "80G"),
            commands.NO_SPARSE,
            "it has 0.078125 TiB",
        ),
    ],
    rstats.limit: [
        ("admin", "true", "true", "max_bytes is not set"),
        ("admin", _SET.format(32, "/ann"), _SET.format(0, "/ann"), "max_bytes is 32."),
        ("admin", _SET.format(1 << 25, ""), _SET.format(0, ""), "It is set on home, for all"),
        ("admin", _NO_P, _ALL_CAPS, "its caps for mds lack p"),
    ],
    rstats.recover: [
        ("admin", "true", "true", "No such file or directory"),
        (
            "admin",
            f"cd {commands.MOUNT}/home/carol && mkdir thesis && echo new > thesis/draft",
            f"rm -r {commands.MOUNT}/home/carol/thesis",
            "differ",
        ),
    ],
    rstats.hot: [
        ("admin", "true", "true", "there is no such program"),
        ("admin", _ANYWHERE, f"rm {PROGRAM}", "rctime is the latest change below a directory"),
        ("admin", _WALKS, f"rm {PROGRAM}", "It walks the tree"),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


def _fails_until_mounted_again(running: RunningLab, words: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        running.evidence(rstats.mount)
    assert words in str(caught.value)
    running.run("admin", _MOUNT_AGAIN, expect=0)
    assert "and answers" in running.evidence(rstats.mount)


@pytest.mark.walk(rstats.hot)
def test_a_client_that_was_evicted(running: RunningLab) -> None:
    """A stale client, whose session the server has ended, is told from one that has died."""
    name = running.run("alpha", "ceph fs status -f json | jq -r '.mdsmap[0].name'", expect=0)
    running.run("alpha", _EVICT.replace("alpha", name.output.strip()), expect=0)
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
    _fails_until_mounted_again(running, "Its client, ceph-fuse, has ended")
    assert "ceph-fuse" not in Path("/proc/self/mounts").read_text()


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
