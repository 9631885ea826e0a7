"""VM nodes in the supervisor: a QEMU process whose NICs are taps on the lab's bridges.

Standard library alone: see supervisor.py.
"""

import fcntl
import os
import select
import socket
import struct
from typing import Any

from labkernel import linux
from labkernel.backends.namespaces import detached, links, rootfs

_TUNSETIFF, _TUNSETIFINDEX = 0x400454CA, 0x400454DA
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
_SIOCGIFINDEX, _SIOCBRADDIF = 0x8933, 0x89A2
# what a bridge keeps to itself though a wire would carry it: all but pause frames, which no bridge
# may forward (LACP is 01:80:c2:00:00:02)
_FORWARDED_GROUPS = 0xFFFD

#: the maximum size of a VM's console, in octets
_CONSOLE = 1 << 20


class Vm:
    """A VM node in the supervisor.

    :param pid: the process id of its QEMU.
    :param control: our end of QEMU's control channel.
    :param console: the file with the output of its serial console, see :func:`_console`.
    :param port: the port of the loopback that is forwarded to its SSH server.
    """

    def __init__(self, part: dict[str, Any], mounts: dict[str, int]) -> None:
        self.name: str = part["name"]
        self.port: int = part["port"]
        self.ended = ""
        self.console = _console()
        self.control, theirs = socket.socketpair()
        taps = {f"tap{n}": _tap(tap["name"], tap["index"]) for n, tap in enumerate(part["taps"])}
        inherited = {"qmp": theirs.fileno(), "console": self.console, **taps}
        failed_r, failed_w = os.pipe2(os.O_CLOEXEC)
        self.pid = os.fork()
        if self.pid == 0:
            _become(part, inherited, failed_w, mounts.get(part["name"], -1))
        os.close(failed_w)
        # until it has its own mounts: this process's root is about to become hollow
        with os.fdopen(failed_r) as failed:
            if why := failed.read():
                raise OSError(f"node {self.name}: QEMU did not start: {why}")
        self.watched = os.pidfd_open(self.pid)
        theirs.close()
        for fd in taps.values():
            os.close(fd)

    def said(self) -> str:
        """The last line that it, or QEMU, has printed."""
        data = os.pread(self.console, 1 << 16, max(0, os.fstat(self.console).st_size - (1 << 16)))
        lines = data.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it printed nothing"

    def let_go(self) -> None:
        """Close its descriptors, except for the console's."""
        os.close(self.watched)
        self.control.close()

    def dial(self) -> socket.socket:
        """Connect to its SSH server; QEMU listens in the supervisor's network namespace.

        The connection may still be in progress: QEMU's backlog is 1, further ones take seconds, and
        the supervisor must not wait for that.

        :raises OSError: QEMU has ended.
        """
        sock = socket.socket()
        sock.setblocking(False)
        try:
            sock.connect(("127.0.0.1", self.port))
        except BlockingIOError:
            return sock
        except OSError:
            sock.close()
            raise
        return sock


def _console() -> int:
    """A file in memory of limited size: QEMU drops further output of the guest."""
    directory = f"{rootfs.PLACE}{rootfs.STAGE}"
    linux.mount("tmpfs", directory, "tmpfs", data=f"size={_CONSOLE},mode=700")
    try:
        return os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    finally:
        linux.unmount(directory)  # the file keeps it


def _tap(name: str, index: int) -> int:
    """Make a tap with a fixed ifindex, as the lab's bridges have."""
    fd = os.open(f"{rootfs.PLACE}/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, _TUNSETIFINDEX, struct.pack("=I", index))
    request = struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR)
    fcntl.ioctl(fd, _TUNSETIFF, request)
    return fd


def _become(part: dict[str, Any], inherited: dict[str, int], failed: int, template: int) -> None:
    """Turn this process into QEMU, which sees the host's files as its user does, and writes only to
    tmpfs of its own.  Never returns.

    :param template: for real root, a mount of the template's folder, see detached.py; else -1.
    """
    try:
        linux.unshare(linux.CLONE_NEWNS)
        linux.make_mounts_private()
        linux.mount("tmpfs", "/var/tmp", "tmpfs", data=f"size={part['scratch']}m,mode=700")
        folder = part["folder"]
        if template >= 0:
            folder = "/var/tmp/template"
            os.mkdir(folder)
            detached.attach(template, folder)
            if os.path.exists(f"{rootfs.PLACE}/dev/kvm"):
                linux.mount(f"{rootfs.PLACE}/dev/kvm", "/dev/kvm", "", linux.MS_BIND)
        for path, size in part["disks"].items():
            _make_disk(path, size, part["second"])
        for fd in inherited.values():
            os.set_inheritable(fd, True)
        words = [word.format(folder=folder, **inherited) for word in part["words"]]
        os.dup2(inherited["console"], 2)
        os.setsid()
        os.execve(words[0], words, {"PATH": "/usr/bin:/bin", "TMPDIR": "/var/tmp"})
    except OSError as error:
        os.write(failed, str(error).encode())
    finally:
        os._exit(127)


def _make_disk(path: str, size: int, megabytes: int) -> None:
    """Make an empty disk in a tmpfs of its own, which limits its use of memory."""
    os.mkdir(os.path.dirname(path))
    linux.mount("tmpfs", os.path.dirname(path), "tmpfs", data=f"size={megabytes}m,mode=700")
    _write(path, "")
    os.truncate(path, size)


def plug(parts: list[dict[str, Any]], vms: dict[str, Vm]) -> None:
    """Connect the taps of VMs to their bridges, and let these forward all frames, as a wire does.

    :raises OSError: a QEMU has ended; with its last message.
    """
    try:
        _plug(parts)
    except OSError:
        for each in vms.values():
            # its taps are removed before its end is reported
            if select.select([each.watched], [], [], 1.0)[0]:
                raise OSError(f"node {each.name}: QEMU ended: {each.said()}") from None
        raise


def _plug(parts: list[dict[str, Any]]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        links.set_up("lo")
        for tap in (tap for part in parts for tap in part["taps"]):
            (index,) = struct.unpack_from("=i", links.asked(sock, _SIOCGIFINDEX, tap["name"]), 16)
            fcntl.ioctl(sock, _SIOCBRADDIF, struct.pack("16si20x", tap["bridge"].encode(), index))
            links.set_up(tap["name"])
        for bridge in {tap["bridge"] for part in parts for tap in part["taps"]}:
            for port in os.listdir(f"/sys/class/net/{bridge}/brif"):
                _write(f"/sys/class/net/{port}/brport/group_fwd_mask", str(_FORWARDED_GROUPS))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
