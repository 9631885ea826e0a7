"""A CD that answers as NixOS's does, and on which nothing but the installer is a stand-in: Debian's
kernel, bash, parted, XFS and GRUB install a system that boots from the disk by itself."""

import io
import subprocess
import tarfile
from pathlib import Path

from labkernel import Lab, Node, RunningLab, images
from labkernel.attempt import read_file
from labkernel.vm import iso

_HERE = Path(__file__).parent
_GRUB = Path("/usr/lib/grub/i386-pc")
_MODULES = ("biosdisk", "part_msdos", "xfs", "serial", "terminal", "linux", "normal")
_MENU = """\
DEFAULT boot
LABEL boot
MENU LABEL A stand-in
LINUX /boot/bzImage
APPEND init=/init loglevel=4
INITRD /boot/initrd
"""
_BOOT = """\
serial --unit=0 --speed=115200
terminal_output serial
linux (hd0,msdos1)/boot/bzimage installed console=ttyS0,115200n8 loglevel=4
initrd (hd0,msdos1)/boot/initrd
boot
"""


def write(path: Path) -> None:
    """Make the CD's image."""
    images.build("disks")
    lab = Lab("installer-cd", nodes=[Node("tools", image="disks", memory=1024)])
    name = f"installer-cd-{path.parent.name}"
    with RunningLab(lab, "namespaces", instance=name, options={"linger": 0}) as running:
        running.run("tools", "mkdir /tmp/here && tar -xC /tmp/here", stdin=_programs(), expect=0)
        running.run("tools", "cd /tmp/here && bash build.sh", timeout=120, expect=0)
        kernel = read_file(running, "tools", "/tmp/kernel", 1 << 26)
        initrd = read_file(running, "tools", "/tmp/initrd", 1 << 26)
    files = {
        "isolinux/isolinux.cfg": _MENU.encode(),
        "boot/bzimage": kernel,
        "boot/initrd": initrd,
        "boot/mbr": (_GRUB / "boot.img").read_bytes()[:440],
        "boot/core": _core(path.parent),
    }
    path.write_bytes(iso.image("STANDIN", files))


def _programs() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for each in _HERE.iterdir():
            if each.is_file() and each.suffix != ".py":
                archive.add(each, each.name)
    return file.getvalue()


def _core(folder: Path) -> bytes:
    """GRUB without its first sector."""
    (folder / "grub.cfg").write_text(_BOOT)
    words = ["grub-mkimage", "--format=i386-pc", "--compression=xz", "--prefix=(hd0,msdos1)/boot"]
    words += [f"--config={folder / 'grub.cfg'}", f"--output={folder / 'core.img'}", *_MODULES]
    subprocess.run(words, check=True)
    return (folder / "core.img").read_bytes()
