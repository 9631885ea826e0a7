"""A machine that boots from an installer's CD, and then from the disk that it was installed to."""

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from labkernel.errors import BackendError
from labkernel.images import cache
from labkernel.vm import iso, kvm
from labkernel.vm.console import Console

_MENUS = ("isolinux/isolinux.cfg", "EFI/boot/grub.cfg", "boot/grub/grub.cfg")
_SERIAL = "console=ttyS0,115200n8"


@dataclass(frozen=True)
class Kernel:
    """The kernel that the first entry of a CD's boot menu starts.

    :param image: the kernel.
    :param initrd: its initial file system.
    :param line: its command line.
    """

    image: bytes
    initrd: bytes
    line: str


def kernel_of(path: Path) -> Kernel:
    """The kernel of a CD image, as the first entry of its menu (isolinux or GRUB) boots it.

    :raises BackendError: this is no CD image, or it has no such menu.
    """
    try:
        with path.open("rb") as medium:
            for menu in _MENUS:
                try:
                    text = iso.read(medium, menu).decode(errors="replace")
                except FileNotFoundError:
                    continue
                image, initrd, line = _first_entry(text)
                return Kernel(iso.read(medium, image), iso.read(medium, initrd), line)
    except (OSError, ValueError, IndexError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BackendError(f"{path} can't be booted: {why}") from None
    raise BackendError(f"{path} can't be booted: it has none of {', '.join(_MENUS)}")


def _first_entry(menu: str) -> tuple[str, str, str]:
    """Paths of kernel and initrd, and the command line, of a menu's first entry."""
    kernel = re.search(r"^\s*linux\s+(\S+)(.*)$", menu, re.MULTILINE | re.IGNORECASE)
    if not kernel:
        raise ValueError("its menu boots no kernel")
    after = menu[kernel.start() :]
    initrd = re.search(r"^\s*initrd\s+(\S+)", after, re.MULTILINE | re.IGNORECASE)
    if not initrd:
        raise ValueError("its menu names no initrd")
    more = re.search(r"^\s*append\s+(.*)$", after, re.MULTILINE | re.IGNORECASE)
    line = kernel[2] + (f" {more[1]}" if more else "")
    return kernel[1], initrd[1], " ".join(re.sub(r"\$\{?\w+\}?", "", line).split())


class Computer:
    """A machine with an empty disk, which is in no directory, and is gone with this object.

    :param cd: the installer's image.
    :param megabytes: of its disk, which takes the room of what is written to it.
    :param memory: its RAM, in MiB.
    """

    def __init__(self, cd: Path, megabytes: int, memory: int) -> None:
        self._cd, self._memory = cd, memory
        # not below /tmp, which may be in memory
        self._file = tempfile.TemporaryFile(dir=cache.directory())  # noqa: SIM115  till __exit__
        self._disk = self._file.fileno()
        os.truncate(self._disk, megabytes << 20)

    def boot_cd(self, on_output: Callable[[str], None] | None) -> Console:
        """Boot the CD's kernel, without its menu, and with its console on the serial port.

        :raises BackendError: it has none.
        """
        kernel = kernel_of(self._cd)
        held = [_in_memory(kernel.image), _in_memory(kernel.initrd)]
        image, initrd = (f"/proc/self/fd/{fd}" for fd in held)
        medium = str(self._cd.resolve()).replace(",", ",,")
        words = ["-kernel", image, "-initrd", initrd, "-append", f"{kernel.line} {_SERIAL}"]
        words += ["-drive", f"file={medium},format=raw,media=cdrom,readonly=on"]
        try:
            return Console([*self._words(), *words], [self._disk, *held], on_output)
        finally:
            for fd in held:
                os.close(fd)

    def boot_disk(self, on_output: Callable[[str], None] | None) -> Console:
        """Boot from its disk, by the boot loader that is on it."""
        return Console(self._words(), [self._disk], on_output)

    def _words(self) -> list[str]:
        return [
            "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
            "-machine", "q35", "-accel", kvm.accelerator(), "-cpu", "max", "-smp", "2",
            "-m", str(self._memory), "-no-reboot",
            "-drive", f"file=/proc/self/fd/{self._disk},format=raw,if=virtio",
            "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-rng-pci",
        ]  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _in_memory(data: bytes) -> int:
    fd = os.memfd_create("boot")
    with os.fdopen(os.dup(fd), "wb") as file:
        file.write(data)
    return fd
