"""The supervisor's root file system, which contains only image layers, /proc, /sys and devices.

A node's mount namespace begins as a copy of the supervisor's.  Without the host's file systems in
it, the copy is fast, and an escape from a node's root leads to nothing.  Standard library alone:
see supervisor.py.
"""

import os

from labkernel import linux
from labkernel.backends.namespaces import detached

#: an empty directory that a node mounts on
STAGE = "/stage"
#: the directory on which the root is mounted: every Linux has it, and nothing in it is needed
PLACE = "/dev/shm"
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_OPTIONAL_DEVICES = ("net/tun", "fuse")
_found: list[str] = []
_SAFE = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC


def prepare(devices: int = -1) -> None:
    """Mount the parts that do not depend on the lab: /proc, /sys, and device nodes, which an
    ordinary user can't make, but can bind-mount from the host.

    :param devices: a detached mount of devices that real root has made, see detached.py.
    """
    linux.mount("tmpfs", PLACE, "tmpfs", data="mode=755")
    for directory in (STAGE, "/layers", "/proc", "/sys", "/dev"):
        os.mkdir(f"{PLACE}{directory}", 0o755)
    linux.mount("proc", f"{PLACE}/proc", "proc", _SAFE)
    linux.mount_sysfs(f"{PLACE}/sys")
    _silence_wires()
    if devices >= 0:
        detached.attach(devices, f"{PLACE}/dev")
    for name in (*_DEVICES, *_OPTIONAL_DEVICES):
        if name in _DEVICES or os.path.exists(f"/dev/{name}"):
            if devices < 0:
                _bind_device(name)
            _found.append(name)


def _silence_wires() -> None:
    """Disable IPv6 on the bridges, wires and taps of the lab, which must not have addresses or send
    packets, before the first of them is made."""
    setting = f"{PLACE}/proc/sys/net/ipv6/conf/default/disable_ipv6"
    if os.path.exists(setting):  # not with the kernel parameter ipv6.disable=1
        with open(setting, "w", encoding="utf-8") as file:
            file.write("1")


def _bind_device(name: str) -> None:
    target = f"{PLACE}/dev/{name}"
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o666))
    linux.mount(f"/dev/{name}", target, "", linux.MS_BIND)


def enter(layers: list[str], mounts: dict[str, int]) -> dict[str, str]:
    """Add image layers, and make it this process's root.

    :param layers: directories of the host.
    :param mounts: detached mounts of the layers, made by real root, see detached.py.
    :returns: the new path of each layer.
    """
    inside = {}
    for number, layer in enumerate(layers):
        inside[layer] = f"/layers/{number}"
        os.mkdir(f"{PLACE}/layers/{number}", 0o755)
        if layer in mounts:
            detached.attach(mounts[layer], f"{PLACE}/layers/{number}")
        else:
            linux.mount(layer, f"{PLACE}/layers/{number}", "", linux.MS_BIND | linux.MS_REC)
    os.chdir(PLACE)
    linux.pivot_root(".", ".")
    linux.unmount(".")
    os.chdir("/")
    return inside


def devices() -> list[str]:
    """The device nodes of a node, by their names below /dev."""
    return _found
