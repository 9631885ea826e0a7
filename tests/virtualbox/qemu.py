"""Runs what VirtualBox has registered in QEMU, since nothing here can load VirtualBox's driver.

Each machine is what ``VBoxManage showvminfo`` says of it: memory, NICs and their MAC addresses, the
internal networks, the forwarded port, serial port, CD, and the very disk that VBoxManage imported.
"""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import threading
from pathlib import Path

from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from labkernel.errors import BackendError
from labkernel.vm import kvm
from labkernel.vm.qmp import Control

_FRAME = 1 << 16
#: seconds that a frame waits for room
_ROOM = 0.2


class Wire:
    """A link between machines: what one sends, all others get."""

    def __init__(self) -> None:
        self._ends: list[socket.socket] = []
        self._changed, self._change = socket.socketpair()
        threading.Thread(target=self._carry, daemon=True).start()

    def plug(self) -> socket.socket:
        """A new end of it, for a machine."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.setblocking(False)
        self._ends.append(ours)
        self._change.send(b"x")
        return theirs

    def _carry(self) -> None:
        while True:
            ends = list(self._ends)
            ready, _, _ = select.select([self._changed, *ends], [], [])
            for end in ready:
                if end is self._changed:
                    end.recv(1)
                    continue
                try:
                    frame = end.recv(_FRAME)
                except OSError:
                    self._ends.remove(end)  # its machine has ended
                    continue
                for other in ends:
                    if other is not end:
                        with contextlib.suppress(OSError):  # a wire loses what nobody takes
                            # in time: the kernel queues ten frames, a NIC hundreds
                            select.select([], [other], [], _ROOM)
                            other.send(frame)


class Qemu(Hypervisor):
    """QEMU in VirtualBox's place.

    :param folder: where it notes the processes, so that another process finds them.
    :param paused: whether they stand still: machines that nobody needs to boot.
    """

    def __init__(self, folder: Path, paused: bool = False) -> None:
        self._more = ["-S"] if paused else []
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._wires: dict[str, Wire] = {}

    def require(self, manage: VBoxManage) -> None:
        """It needs no driver."""

    def start(self, manage: VBoxManage, uuid: str) -> None:
        """Start what VBoxManage says of the machine."""
        told = manage.values("showvminfo", uuid)
        with contextlib.ExitStack() as plugs:
            words, fds = self._nics(told, plugs)
            process = subprocess.Popen(
                [
                    *_words(told, self._disk(manage, told)),
                    *words,
                    *self._more,
                    "-qmp",
                    f"unix:{self.folder}/{uuid}.qmp,server=on,wait=off",
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=(self.folder / f"{uuid}.errors").open("wb"),
                pass_fds=fds,
                start_new_session=True,
            )
        (self.folder / f"{uuid}.pid").write_text(str(process.pid))
        threading.Thread(target=process.wait, daemon=True).start()

    def _disk(self, manage: VBoxManage, told: dict[str, str]) -> Path:
        """The disk below the clone's own, which is empty before the first start."""
        disks = [told["SATA-ImageUUID-0-0"]]
        while (parent := _parent(manage, disks[-1])) != "base":
            disks.append(parent)
        if len(disks) == 1:
            raise BackendError("the machine's disk stands on no other: it is no linked clone")
        return manage.media("hdds")[disks[-1]]

    def _nics(
        self, told: dict[str, str], plugs: contextlib.ExitStack
    ) -> tuple[list[str], list[int]]:
        words: list[str] = []
        fds: list[int] = []
        for number in range(1, 9):
            kind = told.get(f"nic{number}", "none")
            if kind == "none":
                continue
            if kind == "nat":
                _, _, host, port, _, inner = told["Forwarding(0)"].split(",")
                rule = f"hostfwd=tcp:{host}:{port}-:{inner}"
                words += ["-netdev", f"user,id=n{number},restrict=on,{rule}"]
            else:
                wire = self._wires.setdefault(told[f"intnet{number}"], Wire())
                end = plugs.enter_context(wire.plug())
                fds.append(end.fileno())
                words += [
                    "-netdev", f"dgram,id=n{number},local.type=fd,local.str={end.fileno()}",
                ]  # fmt: skip
            mac = re.sub("(..)(?!$)", r"\1:", told[f"macaddress{number}"].lower())
            words += ["-device", f"virtio-net-pci,netdev=n{number},mac={mac},romfile="]
        return words, fds

    def stop(self, manage: VBoxManage, uuid: str) -> None:
        """Kill it, and wait for that."""
        pid = self._pid(uuid)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                fd = os.pidfd_open(pid)
                signal.pidfd_send_signal(fd, signal.SIGKILL)
                select.select([fd], [], [])
                os.close(fd)
        (self.folder / f"{uuid}.pid").unlink(missing_ok=True)

    def set_link(self, manage: VBoxManage, uuid: str, nic: int, plugged: bool) -> None:
        """As VirtualBox does it: the guest is told."""
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(f"{self.folder}/{uuid}.qmp")
            control = Control(channel)
            control.greet()
            control.ask("set_link", name=f"n{nic}", up=plugged)

    def running(self, manage: VBoxManage) -> frozenset[str]:
        """The machines whose process is there."""
        found = [path.stem for path in self.folder.glob("*.pid")]
        return frozenset(uuid for uuid in found if self._pid(uuid) is not None)

    def gone(self, manage: VBoxManage, uuid: str) -> str:
        """What QEMU said last."""
        if self._pid(uuid) is not None:
            return ""
        return (self.folder / f"{uuid}.errors").read_text().strip() or "QEMU has ended"

    def _pid(self, uuid: str) -> int | None:
        """The process of a machine, if it is there and is QEMU."""
        try:
            pid = int((self.folder / f"{uuid}.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if uuid.encode() in words else None

    def end(self) -> None:
        """End every machine."""
        for path in self.folder.glob("*.pid"):
            self.stop(VBoxManage(Path()), path.stem)


def _parent(manage: VBoxManage, disk: str) -> str:
    said = manage.run("showmediuminfo", "disk", disk)
    found = re.search(r"^Parent UUID: +(\S+)", said, re.MULTILINE)
    assert found
    return found[1]


def _words(told: dict[str, str], disk: Path) -> list[str]:
    console = told["uartmode1"].partition(",")[2]
    return [
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
        "-machine", "pc", "-accel", kvm.accelerator(), "-m", told["memory"],
        "-uuid", told["UUID"], "-device", "ahci,id=sata",
        "-drive", f"if=none,id=disk,file={disk},format=vdi,snapshot=on",
        "-device", "ide-hd,bus=sata.0,drive=disk",
        "-drive", f"if=none,id=cd,file={told['SATA-1-0']},format=raw,media=cdrom,readonly=on",
        "-device", "ide-cd,bus=sata.1,drive=cd",
        "-chardev", f"file,id=console,path={console}", "-serial", "chardev:console",
    ]  # fmt: skip
