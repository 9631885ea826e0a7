"""System calls for namespaces and mounts that Python lacks.

Python 3.12 has ``os.unshare`` and ``os.setns``; 3.11, which Debian 12 ships, has neither, and none
has ``mount``.  Everything here raises OSError with the call's name.  The file imports the standard
library alone: the supervisor of a lab runs it without site-packages, to start in milliseconds.
"""

import ctypes
import os
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_MOVE = 8192
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

_PR_SET_PDEATHSIG = 1
_SIGKILL = 9
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}

# Windows imports this file, too, and calls nothing of it
_libc = ctypes.CDLL(None if os.name == "posix" else "msvcrt", use_errno=True)

#: the number of ids of a node: Debian's nobody is 65534
IDS = 65536


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """See unshare(2)."""
    _check(_libc.unshare(flags), "unshare")


def setns(fd: int, flags: int = 0) -> None:
    """See setns(2)."""
    _check(_libc.setns(fd, flags), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """See mount(2)."""
    _check(
        _libc.mount(
            source.encode(),
            target.encode(),
            kind.encode() or None,
            ctypes.c_ulong(flags),
            data.encode() or None,
        ),
        f"mount {kind or source} on {target}",
    )


def mount_sysfs(target: str) -> None:
    """Mount the sysfs of this network namespace; read-only in a container whose own sysfs is
    read-only, where the kernel refuses anything else."""
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    try:
        mount("sysfs", target, "sysfs", flags)
    except PermissionError:
        mount("sysfs", target, "sysfs", flags | MS_RDONLY)


def unmount(target: str, flags: int = MNT_DETACH) -> None:
    """See umount2(2)."""
    _check(_libc.umount2(target.encode(), flags), f"unmount {target}")


def syscall(what: str, number: int, *arguments: int | bytes | None) -> int:
    """A system call that the C library has no wrapper for."""
    result: int = _libc.syscall(number, *arguments)
    _check(min(result, 0), what)
    return result


def pivot_root(new: str, old: str) -> None:
    """See pivot_root(2)."""
    number = _SYS_PIVOT_ROOT[os.uname().machine]
    syscall(f"pivot_root to {new}", number, new.encode(), old.encode())


def sethostname(name: str) -> None:
    """See sethostname(2)."""
    data = name.encode()
    _check(_libc.sethostname(data, len(data)), "sethostname")


def die_with_parent(number: int = _SIGKILL) -> None:
    """Let the kernel send this process a signal when its parent ends; see prctl(2).

    It does nothing on other systems, which have no such call.
    """
    if sys.platform != "linux":
        return
    prctl(_PR_SET_PDEATHSIG, int(number))


def prctl(option: int, value: int) -> None:
    """See prctl(2)."""
    _check(_libc.prctl(option, value, 0, 0, 0), "prctl")


def setfsuid(uid: int) -> None:
    """See setfsuid(2), which reports no errors."""
    _libc.setfsuid(uid)


def is_real_root() -> bool:
    """Check if this process is root of the machine, and not only of a user namespace."""
    if os.geteuid() != 0:
        return False
    return setting("/proc/self/uid_map").split() == ["0", "0", str(2**32 - 1)]


def make_mounts_private() -> None:
    """Keep later mounts inside this mount namespace."""
    mount("none", "/", "", MS_REC | MS_PRIVATE)


def setting(path: str) -> str:
    """The stripped content of a file of /proc; empty if there is no such file."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""
