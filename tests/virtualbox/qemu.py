"""Runs what VirtualBox has registered in QEMU, since nothing here can load VirtualBox's driver.

Each machine is what ``VBoxManage showvminfo`` says of it: memory, NICs and their MAC addresses, the
internal networks, the forwarded port, serial port, CD, and the very disk that VBoxManage imported.
"""

import contextlib
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from labkernel import linux
from labkernel.backends.namespaces import links
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from labkernel.errors import BackendError
from labkernel.vm import kvm
from labkernel.vm.qmp import Control

# linux/sockios.h, linux/if_tun.h
_SIOCBRADDBR, _SIOCBRADDIF, _SIOCGIFINDEX = 0x89A0, 0x89A2, 0x8933
_TUNSETIFF, _TAP = 0x400454CA, 0x5002  # IFF_TAP | IFF_NO_PI | IFF_VNET_HDR


class Wires:
    """The links between machines: bridges in a network namespace of their own, which goes with the
    machines."""

    def __init__(self) -> None:
        self._inside = ThreadPoolExecutor(1)  # a thread that lives there
        self._inside.submit(self._enter).result()
        self._bridges: dict[str, str] = {}

    @staticmethod
    def _enter() -> None:
        linux.unshare(linux.CLONE_NEWNET)
        # bridges are wires: they have no addresses and speak to nobody
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")

    def plug(self, link: str) -> int:
        """A new end of a link, for a machine: the descriptor of a tap."""
        return self._inside.submit(self._plug, link).result()

    def _plug(self, link: str) -> int:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            if link not in self._bridges:
                self._bridges[link] = name = f"br{len(self._bridges)}"
                fcntl.ioctl(sock, _SIOCBRADDBR, name.encode() + b"\0")
                links.set_up(name)
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
            asked = struct.pack("16sH22x", b"tap%d", _TAP)
            name = fcntl.ioctl(fd, _TUNSETIFF, asked)[:16].rstrip(b"\0").decode()
            (index,) = struct.unpack_from("=i", links.asked(sock, _SIOCGIFINDEX, name), 16)
            bridge = self._bridges[link].encode()
            fcntl.ioctl(sock, _SIOCBRADDIF, struct.pack("16si20x", bridge, index))
            links.set_up(name)
        return fd

    def end(self) -> None:
        """Let go of the namespace."""
        self._inside.shutdown()


class Qemu(Hypervisor):
    """QEMU in VirtualBox's place.

    :param folder: where it notes the processes, so that another process finds them.
    :param paused: whether they stand still: machines that nobody needs to boot.
    """

    def __init__(self, folder: Path, paused: bool = False) -> None:
        self._more = ["-S"] if paused else []
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._wires: Wires | None = None

    def require(self, manage: VBoxManage) -> None:
        """It needs no driver."""

    def start(self, manage: VBoxManage, uuid: str) -> None:
        """Start what VBoxManage says of the machine."""
        told = manage.values("showvminfo", uuid)
        note = self.folder / f"{uuid}.pid"
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
                # by the process itself: whoever starts it may be killed as soon as it is there
                preexec_fn=lambda: note.write_text(str(os.getpid())),  # noqa: PLW1509
            )
        # a process that becomes another program has no arguments for a moment
        while process.poll() is None and not Path(f"/proc/{process.pid}/cmdline").read_bytes():
            time.sleep(0.001)
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
                self._wires = self._wires or Wires()
                fds.append(self._wires.plug(told[f"intnet{number}"]))
                plugs.callback(os.close, fds[-1])
                words += ["-netdev", f"tap,id=n{number},fd={fds[-1]}"]
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

    def kill(self, uuid: str) -> None:
        """What stops it asks VirtualBox's server for nothing."""
        self.stop(VBoxManage(Path()), uuid)

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
        if self._wires:
            self._wires.end()


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
