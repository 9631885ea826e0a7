"""The shape of a VM node, and the words that start QEMU with it: the same to make a template and to
restore it."""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from labkernel.errors import BackendUnavailable
from labkernel.images import Image
from labkernel.vm import disk, kvm
from labkernel.vm.seed import CONTROL_MAC

#: changes when a template that was made earlier can't be used any more
FORMAT = 4
_PROCESSOR = "x86_64"  # of the images' kernels
_QEMU = "qemu-system-x86_64"
_ROOM = 512  # MiB on the disk beyond what the image takes
# what QEMU emulates cheaply; svm only for who asks for it
_EMULATED = "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+aes,+pclmulqdq"
# A timer interrupt that comes as the CPU enters or leaves a guest can be lost under emulation. A
# kernel that asks for each of them anew then sleeps until something else wakes it.
_PERIODIC_TICK = "nohz=off highres=off"
#: a tmpfs of QEMU's own, in its mount namespace: what is written to the second disk ends with it
SECOND = Path("/var/tmp/second")
_SLOTS = 8  # NICs are rounded up to a multiple: labs of different sizes share a template


@dataclass(frozen=True)
class Shape:
    """The properties on which a template depends.

    :param image: the image of its first disk.
    :param memory: its RAM, in MiB.
    :param slots: its NICs besides the one for commands.
    :param nested: whether its CPU can run VMs.
    :param disk: the size of its second disk, in GiB; 0 if it has none.
    """

    image: Image
    memory: int
    slots: int
    nested: bool = False
    disk: int = 0

    @classmethod
    def of(cls, image: Image, memory: int, nics: int, nested: bool, disk: int = 0) -> "Shape":
        """The shape of a node that has so many NICs."""
        return cls(image, memory, max(_SLOTS, -(-nics // _SLOTS) * _SLOTS), nested, disk)

    @property
    def digest(self) -> str:
        """A text that changes with anything that a template is made from."""
        builds = [build.build for build in self.image.builds]
        parts: list[object] = [
            FORMAT,
            builds,
            self.memory,
            self.slots,
            _cpu(self.nested),
            _version(),
        ]
        # what few shapes have: the others are what they were before there was any
        parts += filter(None, (self.disk, self.tick))
        return hashlib.sha256(repr(tuple(parts)).encode()).hexdigest()[:16]

    @property
    def tick(self) -> str:
        """The kernel parameters for its timer tick; empty for the default."""
        return _PERIODIC_TICK if self.nested and kvm.accelerator() != "kvm" else ""

    @property
    def disk_megabytes(self) -> int:
        """The size of its disk, in MiB."""
        return int(self.image.size() * 1.25) // (1 << 20) + _ROOM

    @property
    def scratch_megabytes(self) -> int:
        """The limit of changes of its first disk in memory, in MiB: all of it may change."""
        return self.disk_megabytes + 64

    @property
    def second_megabytes(self) -> int:
        """The same of its second disk: as much as a namespace node's files may."""
        return min(self.disk << 10, self.memory)


def require() -> None:
    """Require the programs that make and run the disk of a VM node.

    :raises BackendUnavailable: a program is missing, or the processor is another one.
    """
    if platform.machine() != _PROCESSOR:
        raise BackendUnavailable(
            "namespaces",
            f"a node with a kernel of its own is an x86-64 machine, and this one's processor is "
            f"{platform.machine()}",
            "a computer with an Intel or AMD processor",
        )
    missing = disk.missing_packages()
    if not shutil.which(_QEMU):
        missing.insert(0, "qemu-system-x86")
    if missing:
        raise BackendUnavailable(
            "namespaces",
            f"a node with a kernel of its own needs {', '.join(missing)}",
            f"sudo apt-get install {' '.join(missing)}",
        )


@cache
def _version() -> str:
    """QEMU's version, and the CPU where it is not emulated.

    :raises BackendUnavailable: there is no QEMU.
    """
    require()
    version = subprocess.run(
        [_QEMU, "--version"], capture_output=True, text=True, check=True
    ).stdout
    return version.splitlines()[0] + os.uname().release * (kvm.accelerator() == "kvm")


def _cpu(nested: bool) -> str:
    if kvm.accelerator() == "kvm":
        return "host" if nested else "host,-vmx,-svm"
    return f"{_EMULATED},{'+svm,+npt' if nested else '-svm'}"


def words(shape: Shape, folder: Path, console: str, control: str, *, keep: bool) -> list[str]:
    """The command line of QEMU without NICs and boot options.

    :param folder: the template's folder, with its RAM and disk.
    :param console: the path of the file for the serial console.
    :param control: the number of the descriptor of its control channel.
    :param keep: whether changes of RAM and disk are kept, to make a template.
    """
    size, share = f"{shape.memory}M", "on" if keep else "off"
    drop = "" if keep else ",snapshot=on"
    return [
        str(shutil.which(_QEMU) or _QEMU), "-nodefaults", "-no-user-config", "-display", "none",
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        "-machine", "q35,memory-backend=ram", "-cpu", _cpu(shape.nested), "-smp", "1",
        "-accel", kvm.accelerator(), "-m", str(shape.memory),
        "-object", f"memory-backend-file,id=ram,size={size},mem-path={folder}/ram,share={share}",
        "-drive", f"file={folder}/disk.qcow2,format=qcow2,if=virtio{drop}",
        *_second_disk(second_disk(shape, folder, keep=keep)),
        "-device", "virtio-rng-pci", "-device", "vmgenid,guid=auto",
        "-chardev", f"file,id=console,path={console}", "-serial", "chardev:console",
        "-chardev", f"socket,id=qmp,fd={control}", "-mon", "chardev=qmp,mode=control",
    ]  # fmt: skip


def second_disk(shape: Shape, folder: Path, *, keep: bool) -> dict[str, int]:
    """The file of a machine's second disk and its size in bytes; none if it has no such disk.

    It is to be made, sparse and empty, before QEMU starts: for a template beside its other files,
    for a machine of a lab where QEMU alone sees it, so that it ends with it.
    """
    path = folder / "second.raw" if keep else SECOND / "second.raw"
    return {str(path): shape.disk << 30} if shape.disk else {}


def _second_disk(files: Iterable[str]) -> list[str]:
    """A SATA disk, /dev/sda: at the second port of q35's own controller, whose first has the CD.

    What is trimmed takes no memory any more; what there is no memory for, its guest is told."""
    words: list[str] = []
    for file in files:
        drive = f"file={file},format=raw,if=none,id=second,discard=unmap,werror=report"
        words += ["-drive", drive, "-device", "ide-hd,bus=ide.1,drive=second,serial=labkernel"]
    return words


def control_nic(port: int) -> list[str]:
    """The NIC that commands come in by.

    :param port: of the loopback that leads to the machine's SSH server; 0: any.
    """
    forward = f"hostfwd=tcp:127.0.0.1:{port}-:22"
    return [
        "-netdev", f"user,id=control,restrict=on,{forward}",
        "-device", f"virtio-net-pci,netdev=control,mac={CONTROL_MAC},romfile=,addr=0x3",
    ]  # fmt: skip


def nic(slot: int, netdev: str, mac: str) -> list[str]:
    """A NIC of the lab.

    :param netdev: QEMU's other end of it.
    """
    # speed and duplex: without them the members of an 802.3ad bond stay down
    device = f"virtio-net-pci,netdev=lab{slot},mac={mac},romfile=,speed=1000,duplex=full"
    return ["-netdev", f"{netdev},id=lab{slot}", "-device", f"{device},addr={hex(4 + slot)}"]


def unplugged(slot: int) -> list[str]:
    """A NIC whose cable leads nowhere."""
    return nic(slot, f"hubport,hubid={slot}", f"02:6c:61:62:01:{slot:02x}")
