"""Makes a disk that boots by itself, without root, without a hypervisor and without a loop device.

GRUB's first sector is in the MBR, the rest of it in the gap before the only partition, and what it
must do is built into it: no step of it needs to look at the machine that makes the disk.
"""

import os
import shutil
import struct
import subprocess
from pathlib import Path

from labkernel import user_namespace
from labkernel.errors import ImageError, last_line
from labkernel.images import Image, cache, release

_SECTOR = 512
_START = 2048  # sectors before the partition: room for GRUB
_LINUX = 0x83  # the partition's type
_GRUB = Path("/usr/lib/grub/i386-pc")
_MODULES = ("biosdisk", "part_msdos", "ext2", "serial", "terminal", "linux", "normal")
_TOOLS = {"mke2fs": "e2fsprogs", "grub-mkimage": "grub-common", "qemu-img": "qemu-utils"}

#: of the kernel; the last console is the one that /dev/console is
_COMMAND_LINE = (
    "root=LABEL=labkernel ro fsck.mode=skip net.ifnames=0 console=tty0 console=ttyS0,115200n8"
)
_CONFIGURATION = f"""\
serial --unit=0 --speed=115200
terminal_output console serial
linux (hd0,msdos1)/boot/vmlinuz {_COMMAND_LINE}
initrd (hd0,msdos1)/boot/initrd.img
boot
"""


def missing_packages() -> list[str]:
    """The Debian packages that are missing here and needed to make disks."""
    search = "/usr/sbin:/sbin:/usr/bin:/bin"
    lacking = [package for tool, package in _TOOLS.items() if not shutil.which(tool, path=search)]
    if not (_GRUB / "boot.img").exists():
        lacking.append("grub-pc-bin")
    return lacking


def make(image: Image, path: Path, megabytes: int) -> None:
    """Write a raw disk of an image to a new file; it takes the room of what is in it.

    :param megabytes: what the machine sees, in MiB.
    :raises ImageError: the image has no kernel, the disk is too small, or a tool is missing.
    """
    _require(image)
    held = image.hold()
    try:
        with path.open("xb") as disk:
            disk.truncate(megabytes << 20)
        _fill(image, path, megabytes)
        _make_bootable(path, megabytes)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        release(held)


def _require(image: Image) -> None:
    if lacking := missing_packages():
        raise ImageError("disks of VMs can't be made", f"sudo apt-get install {' '.join(lacking)}")
    if not any(name.startswith("linux-image-") for name in image.packages()):
        raise ImageError(
            f'image "{image.name}" has no kernel, so no VM can boot from it',
            'the image "vm", or one that stands on it',
        )


def _fill(image: Image, path: Path, megabytes: int) -> None:
    lower = ":".join(str(each.relative_to(cache.directory())) for each in image.layers)
    size = (megabytes << 10) - _START * _SECTOR // 1024
    script = str(Path(__file__).with_name("filesystem.sh"))
    words = [str(path.resolve()), str(_START * _SECTOR), str(size), lower]
    ended = subprocess.run(
        user_namespace.command(["bash", script, *words]),
        cwd=cache.directory(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if ended.returncode != 0:
        raise ImageError(
            f'image "{image.name}" could not be written to a disk of {megabytes} MiB: '
            f"{last_line(ended.stderr).removeprefix('labkernel: ')}"
        )


def _make_bootable(path: Path, megabytes: int) -> None:
    code = (_GRUB / "boot.img").read_bytes()[:440]
    core = _core(_CONFIGURATION)
    if len(core) > (_START - 1) * _SECTOR:
        raise ImageError(f"GRUB has become too large ({len(core)} bytes) for the start of a disk")
    with path.open("r+b") as disk:
        disk.write(code + bytes(6) + _partition(megabytes) + bytes(48) + b"\x55\xaa" + core)


def _core(configuration: str) -> bytes:
    """GRUB without its first sector; it finds the rest of itself from sector 1 on.

    It reads and writes files in memory, by paths that open them anew.
    """
    with (
        os.fdopen(os.memfd_create("grub.cfg"), "w", encoding="utf-8") as written,
        os.fdopen(os.memfd_create("core.img"), "rb") as core,
    ):
        written.write(configuration)
        written.flush()
        fds = (written.fileno(), core.fileno())
        options = ["--config=/proc/self/fd/{}", "--output=/proc/self/fd/{}"]
        options = [option.format(fd) for option, fd in zip(options, fds, strict=True)]
        options += ["--format=i386-pc", "--compression=xz", "--prefix=(hd0,msdos1)/boot/grub"]
        ended = subprocess.run(
            ["grub-mkimage", *options, *_MODULES], capture_output=True, text=True, pass_fds=fds
        )
        if ended.returncode != 0:
            raise ImageError(f"grub-mkimage failed: {last_line(ended.stderr)}")
        return core.read()


def _partition(megabytes: int) -> bytes:
    """The only entry of the partition table: active, by its sectors' numbers alone."""
    beyond = b"\xfe\xff\xff"  # cylinder, head and sector can't say it
    sectors = (megabytes << 20) // _SECTOR - _START
    return b"\x80" + beyond + bytes([_LINUX]) + beyond + struct.pack("<II", _START, sectors)
