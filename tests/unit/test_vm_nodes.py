"""Nodes as VMs: which ones are, what a template depends on, the second disk, the tick, and what a
console says."""

import hashlib
import platform
from collections.abc import Iterable
from pathlib import Path

import pytest

from labkernel import Lab, Node, RunningLab, images, settings
from labkernel.backends.namespaces import boot
from labkernel.errors import BackendUnavailable, LabError
from labkernel.testing import FakeBackend
from labkernel.vm import kvm, shape
from labkernel.vm.shape import Shape


@pytest.fixture(autouse=True)
def no_qemu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has QEMU or not."""
    monkeypatch.setattr(shape, "_version", lambda: "QEMU 7.2")


def _lab() -> Lab:
    nodes = [Node("alpha", image="web", memory=64), Node("bravo", image="vm", kernel=True)]
    return Lab("lab", nodes)


def _vms(lab: Lab, *names: str, later: Iterable[str] = ()) -> dict[str, str]:
    running = RunningLab(lab, FakeBackend(), vms=names, images=later)
    return {node.name: node.image for node in running.topology.nodes if node.kernel}


def test_nodes_that_somebody_wants_as_vms(monkeypatch: pytest.MonkeyPatch) -> None:
    """LABKERNEL_VMS names nodes: each gets a kernel, on its own image, and the memory that this
    needs; one that has a kernel stays as it is, and so does the declaration."""
    monkeypatch.delenv(settings.VMS, raising=False)
    assert _vms(_lab(), *settings.vms()) == {"bravo": "vm"}
    lab = _lab()
    for names in ("alpha", "bravo,alpha", "all", "alpha,"):
        monkeypatch.setenv(settings.VMS, names)
        assert _vms(lab, *settings.vms()) == {"alpha": "vm-on-web", "bravo": "vm"}
    running = RunningLab(lab, FakeBackend(), vms=["alpha"])
    assert running.topology.node("alpha").memory == 256
    assert lab.topology.node("alpha").memory == 64
    lab = Lab("lab", [Node("alpha", image="cephfs")])
    assert _vms(lab, "all", later=["ceph-next"]) == {"alpha": "vm-on-cephfs-on-ceph-next"}
    assert images.find("vm-on-cephfs-on-ceph-next").suite


def test_no_such_node() -> None:
    """A name that is no node of the lab is refused, with those that are."""
    with pytest.raises(LabError, match=r'"lab" has no node "zulu" .*--vm\); nodes: alpha, bravo'):
        RunningLab(_lab(), FakeBackend(), vms=["alpha", "zulu"])


def test_a_shape_without_a_second_disk_is_what_it_was() -> None:
    """Templates that were made before there were second disks stay; one with a disk is another."""
    image = images.find("vm")
    builds = [build.build for build in image.builds]
    parts = (shape.FORMAT, builds, 512, 8, shape._cpu(False), "QEMU 7.2")
    known = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    assert Shape.of(image, 512, 3, False).digest == known
    others = {Shape.of(image, 512, 3, False, disk=size).digest for size in (0, 1, 2)}
    assert len(others) == 3
    assert known in others


def test_where_a_second_disk_is() -> None:
    """A template's is beside its other files, a lab's where only its QEMU sees it; it may take in
    memory what the node may."""
    without, with_ = (Shape.of(images.find("vm"), 512, 3, False, disk=size) for size in (0, 10))
    folder = Path("/template")
    assert shape.second_disk(without, folder, keep=True) == {}
    assert shape.second_disk(with_, folder, keep=True) == {"/template/second.raw": 10 << 30}
    assert shape.second_disk(with_, folder, keep=False) == {"/var/tmp/second/second.raw": 10 << 30}
    assert (without.second_megabytes, with_.second_megabytes) == (0, 512)
    words = [shape.words(each, folder, "/console", "3", keep=False) for each in (without, with_)]
    assert ["ide-hd" in " ".join(each) for each in words] == [False, True]


@pytest.mark.parametrize(
    ("accelerator", "nested", "told"),
    [("tcg", True, "nohz=off highres=off"), ("tcg", False, ""), ("kvm", True, "")],
)
def test_the_tick(
    monkeypatch: pytest.MonkeyPatch, accelerator: str, nested: bool, told: str
) -> None:
    """Only a machine that has guests by emulation is told to tick all the time."""
    monkeypatch.setattr(kvm, "accelerator", lambda: accelerator)
    assert Shape(images.find("vm"), 256, 8, nested).tick == told


_CRASH = """\
[   98.2] BUG: unable to handle page fault for address: ffffa1b2
[   98.2] Oops: Oops: 0002 [#1] PREEMPT SMP NOPTI
[   98.2] RIP: 0010:kmem_cache_alloc+0x1/0x2
""" + "".join(f"[   98.2] R{number:02}: 0000000000000dc0\n" for number in range(10, 30))


def test_what_a_crash_was() -> None:
    """Of a kernel that crashed the reason is told, and not the registers after it."""
    told = boot.last_words(f"{_CRASH}[   98.3] Kernel panic - not syncing: Fatal exception\n")
    assert told.startswith("Its kernel crashed: [   98.2] BUG: unable to handle page fault")
    assert told.endswith("| [   98.3] Kernel panic - not syncing: Fatal exception")
    assert "0dc0" not in told
    assert boot.last_words("one\n\n two \n") == "Its console's last lines: one | two"


def test_another_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a processor that the machines' kernels aren't for, that is told, and no package."""
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(BackendUnavailable, match=r"x86-64 machine, and this .* is aarch64") as told:
        shape.require()
    assert told.value.remedy == "a computer with an Intel or AMD processor"
