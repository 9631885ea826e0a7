"""One VM in QEMU, alone: it boots a disk that stays as it is, and takes commands by SSH."""

import os
import socket
import subprocess
from pathlib import Path
from typing import Self

from labkernel import linux
from labkernel.backends import ssh
from labkernel.backends.namespaces import boot
from labkernel.errors import NodeLost, last_line
from labkernel.vm import kvm
from labkernel.vm.qmp import Control
from labkernel.vm.seed import CONTROL_MAC, Seed

# a VMDK is VirtualBox's: on SATA (what q35 calls IDE), as it is there
_KINDS = {".raw": ("raw", "virtio"), ".vmdk": ("vmdk", "ide")}


class Machine:
    """A VM that ends with the thread that made it, with ``with`` or :meth:`end`.

    :param disk: qcow2, raw or VMDK; what the machine writes is dropped at its end.
    :param seed: its name and keys.
    :param memory: its RAM, in MiB.
    """

    def __init__(self, disk: Path, seed: Seed, memory: int = 512) -> None:
        self.seed = seed
        self._console = os.memfd_create("console")
        self._errors = os.memfd_create("errors")
        ours, theirs = socket.socketpair()
        cd = boot.in_memory(seed.cd())
        fds = [theirs.fileno(), cd, self._console]
        self._process = subprocess.Popen(
            _words(disk, fds, memory),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=fds,
            preexec_fn=linux.die_with_parent,  # noqa: PLW1509  one system call
        )
        os.close(cd)
        theirs.close()
        self._control = Control(ours)
        self._ssh: ssh.Machine | None = None

    def connect(self, within: float = 180.0) -> None:
        """Wait until the machine has proved by its host key that it is this one, and log in.

        :param within: seconds.
        :raises NodeLost: it did not answer, or QEMU ended; with the console's last lines.
        """
        login = ssh.Login(self.seed.keys.client, self.seed.keys.host)
        try:
            self._control.greet()
            port = boot.forwarded(self._control)
            self._ssh = ssh.Machine(self.seed.name, login, lambda: boot.dial(port))
            boot.await_ssh(self._ssh, within)
        except NodeLost as error:
            raise self._lost(str(error)) from None

    def run(self, command: str, timeout: float = 60.0) -> tuple[int, str]:
        """Run a shell command as root: its exit code, and its output and errors together."""
        assert self._ssh
        done = self._ssh.run(command, timeout=timeout)
        return done.exit_code, done.output

    def console(self) -> str:
        """What the machine has printed on its serial console so far."""
        return _read(self._console)

    def _lost(self, why: str) -> NodeLost:
        errors = _read(self._errors)
        said = f" QEMU said: {last_line(errors)}." if errors.strip() else ""
        return NodeLost(f"{self.seed.name}: {why}.{said} {boot.last_words(self.console())}")

    def end(self) -> None:
        """End it as if its power failed; nothing of it is left."""
        if self._ssh:
            self._ssh.close()
        self._process.kill()
        self._process.wait()
        self._control.close()
        os.close(self._console)
        os.close(self._errors)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _read(fd: int) -> str:
    return os.pread(fd, os.fstat(fd).st_size, 0).decode(errors="replace")


def _words(disk: Path, fds: list[int], memory: int) -> list[str]:
    """How QEMU is started; the descriptors are its control channel, its CD and its console."""
    control, cd, console = fds
    kind, interface = _KINDS.get(disk.suffix, ("qcow2", "virtio"))
    return [
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
        "-machine", "q35", "-accel", kvm.accelerator(), "-smp", "2", "-m", str(memory),
        "-drive", f"file={disk},format={kind},if={interface},snapshot=on",
        "-add-fd", f"fd={cd},set=1",
        "-drive", "file=/dev/fdset/1,format=raw,media=cdrom,readonly=on",
        "-netdev", "user,id=control,restrict=on,hostfwd=tcp:127.0.0.1:0-:22",
        "-device", f"virtio-net-pci,netdev=control,mac={CONTROL_MAC},romfile=",
        "-device", "virtio-rng-pci",
        "-chardev", f"file,id=console,path=/proc/self/fd/{console}", "-serial", "chardev:console",
        "-chardev", f"socket,id=qmp,fd={control}", "-mon", "chardev=qmp,mode=control",
    ]  # fmt: skip
