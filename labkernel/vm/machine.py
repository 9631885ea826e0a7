"""One VM in QEMU, alone: it boots a disk that stays as it is, and takes commands by SSH."""

import os
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from labkernel import linux
from labkernel.errors import BackendError, BackendUnavailable, NodeLost, last_line
from labkernel.vm import kvm
from labkernel.vm.qmp import Control
from labkernel.vm.seed import CONTROL_MAC, Seed

if TYPE_CHECKING:
    from paramiko import SSHClient

FORWARDED = re.compile(r"TCP\[HOST_FORWARD\]\s+\S+\s+\S+\s+(\d+)")
# a VMDK is VirtualBox's: on SATA (what q35 calls IDE), as it is there
_KINDS = {".raw": ("raw", "virtio"), ".vmdk": ("vmdk", "ide")}
_CONSOLE_LINES = 8
_BETWEEN_TRIES = 0.2


class Machine:
    """A VM that ends with the thread that made it, with ``with`` or :meth:`end`.

    :param disk: qcow2, raw or VMDK; what the machine writes is dropped at its end.
    :param seed: its name and keys.
    :param memory: its RAM, in MiB.
    """

    def __init__(self, disk: Path, seed: Seed, memory: int = 512) -> None:
        self.seed = seed
        # files in memory: a kill at whatever moment leaves no host key, and nothing else
        self._console = os.memfd_create("console")
        self._errors = os.memfd_create("errors")
        ours, theirs = socket.socketpair()
        cd = in_memory(seed.cd())
        try:
            fds = [theirs.fileno(), cd, self._console]
            self._process = self._start(_words(disk, fds, memory), fds)
        except BaseException:
            os.close(self._console)
            os.close(self._errors)
            ours.close()
            raise
        finally:
            os.close(cd)
            theirs.close()
        self._control = Control(ours)
        self._client: SSHClient | None = None

    def _start(self, words: list[str], fds: list[int]) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=fds,
                preexec_fn=linux.die_with_parent,  # noqa: PLW1509  one system call
            )
        except FileNotFoundError:
            raise BackendUnavailable(
                "QEMU", "qemu-system-x86_64 is missing", "sudo apt-get install qemu-system-x86"
            ) from None

    def connect(self, within: float = 180.0) -> None:
        """Wait until the machine has proved by its host key that it is this one, and log in.

        :param within: seconds.
        :raises NodeLost: it did not answer, or QEMU ended; with the console's last lines.
        """
        try:
            self._control.greet()
            told = self._control.ask("human-monitor-command", **{"command-line": "info usernet"})
        except NodeLost as error:
            raise self._lost(str(error)) from None
        found = FORWARDED.search(told)
        if found is None:
            raise self._lost("QEMU forwards no port to its SSH server")
        end = time.monotonic() + within
        while not self._try(int(found[1]), max(end - time.monotonic(), _BETWEEN_TRIES)):
            if self._process.poll() is not None:
                raise self._lost(f"QEMU ended (exit code {self._process.returncode})")
            if time.monotonic() > end:
                raise self._lost(f"no answer on SSH within {within:g} s")
            time.sleep(_BETWEEN_TRIES)  # QEMU takes connections from its start: nothing to await

    def _try(self, port: int, within: float) -> bool:
        import paramiko

        client = paramiko.SSHClient()
        keys, name = self.seed.keys, f"[127.0.0.1]:{port}"
        client.get_host_keys().add(name, keys.host.get_name(), keys.host)
        try:
            sock = socket.create_connection(("127.0.0.1", port), timeout=within)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.connect(
                "127.0.0.1", port, "root", pkey=keys.client, sock=sock, banner_timeout=within,
                allow_agent=False, look_for_keys=False,
            )  # fmt: skip
        except paramiko.BadHostKeyException:
            client.close()
            raise self._lost("another machine answers on its port") from None
        except (OSError, EOFError, paramiko.SSHException):
            client.close()
            return False
        self._client = client
        return True

    def run(self, command: str, timeout: float = 60.0) -> tuple[int, str]:
        """Run a shell command as root: its exit code, and its output and errors together.

        :raises BackendError: it printed nothing for `timeout` seconds, or is not connected.
        """
        transport = self._client.get_transport() if self._client else None
        if transport is None:
            raise BackendError(f"{self.seed.name}: not connected. Try: connect() first")
        with transport.open_session() as channel:
            channel.set_combine_stderr(True)
            channel.settimeout(timeout)
            channel.exec_command(command)
            try:
                with channel.makefile("rb") as output:
                    said = output.read().decode(errors="replace")
                return channel.recv_exit_status(), said
            except TimeoutError:
                raise BackendError(
                    f"{self.seed.name}: `{command}` printed nothing for {timeout:g} s"
                ) from None

    def console(self) -> str:
        """What the machine has printed on its serial console so far."""
        return _read(self._console)

    def _lost(self, why: str) -> NodeLost:
        errors = _read(self._errors)
        lines = [line.strip() for line in self.console().splitlines() if line.strip()]
        seen = " | ".join(lines[-_CONSOLE_LINES:]) or "nothing"
        said = f" QEMU said: {last_line(errors)}." if errors.strip() else ""
        return NodeLost(f"{self.seed.name}: {why}.{said} Its console's last lines: {seen}")

    def end(self) -> None:
        """End it as if its power failed; nothing of it is left."""
        if self._client:
            self._client.close()
        self._process.kill()
        self._process.wait()
        self._control.close()
        os.close(self._console)
        os.close(self._errors)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def in_memory(data: bytes) -> int:
    """A descriptor to read some bytes from, which are in no file that a kill could leave."""
    with os.fdopen(os.memfd_create("seed"), "wb") as file:
        file.write(data)
        file.flush()
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)


def _read(fd: int) -> str:
    return os.pread(fd, os.fstat(fd).st_size, 0).decode(errors="replace")


def _words(disk: Path, fds: list[int], memory: int) -> list[str]:
    """How QEMU is started; the descriptors are its control channel, its CD and its console."""
    control, cd, console = fds
    kind, interface = _KINDS.get(disk.suffix, ("qcow2", "virtio"))
    return [
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
        "-machine", "q35", "-accel", kvm.accelerator(), "-smp", "2", "-m", str(memory),
        "-drive", f"file={_escaped(disk)},format={kind},if={interface},snapshot=on",
        "-add-fd", f"fd={cd},set=1",
        "-drive", "file=/dev/fdset/1,format=raw,media=cdrom,readonly=on",
        "-netdev", "user,id=control,restrict=on,hostfwd=tcp:127.0.0.1:0-:22",
        "-device", f"virtio-net-pci,netdev=control,mac={CONTROL_MAC},romfile=",
        "-device", "virtio-rng-pci",
        "-chardev", f"file,id=console,path=/proc/self/fd/{console}", "-serial", "chardev:console",
        "-chardev", f"socket,id=qmp,fd={control}", "-mon", "chardev=qmp,mode=control",
    ]  # fmt: skip


def _escaped(path: Path) -> str:
    """A path as the value of one of QEMU's options, in which a comma is written twice."""
    return str(path.resolve()).replace(",", ",,")
