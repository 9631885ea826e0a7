"""Sets up a node from the inside: its namespaces, its root file system and its interfaces.

Runs in a child of the supervisor; standard library alone.
"""

import os
import resource
import socket
import stat
from typing import Any

from labkernel import linux
from labkernel.backends.namespaces import agent, confinement, netlink, protocol, rootfs

_DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
_SAFE = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
_NAMESPACES = linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC


def become(plan: dict[str, Any], channel: socket.socket) -> None:
    """Turn this process, PID 1 of a new pid namespace, into the node; never returns.

    :param plan: the node's part of the lab's plan (see ``plan.py``).
    :param channel: the socket to the supervisor: the node reports that its namespaces are ready,
        receives the message that its interfaces are, reports that it is up, then serves requests.
    """
    try:
        linux.unshare(_NAMESPACES)
        channel.send(b"N")
        _enter_root(plan)
        confinement.drop_capabilities()
        # 1: crashes must not reach the machine's handler of core dumps, see core(5)
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
        linux.sethostname(plan["name"])
        network = channel.recv(protocol.MAX_PACKET)
        if not network:
            os._exit(0)
        _apply(plan["sysctls"])
        with netlink.open_route() as route:
            netlink.send_all(route, netlink.split(network))
        channel.send(b"U")
    except OSError as error:
        channel.send(f"E{error.strerror or error}".encode()[:1000])
        os._exit(1)
    agent.Agent(channel).serve()


def _enter_root(plan: dict[str, Any]) -> None:
    """Mount the overlay, and make it this process's root.  Nothing is left beneath it: a node could
    unmount what covers the supervisor's root, which has the image layers."""
    stage, root = rootfs.STAGE, f"{rootfs.STAGE}/root"
    linux.mount("tmpfs", stage, "tmpfs", data=f"size={plan['memory']}m,mode=755")
    for directory in ("root", "upper", "work"):
        os.mkdir(f"{stage}/{directory}", 0o755)
    _fill_upper(f"{stage}/upper", plan["hosts"])
    lower = ":".join(plan["layers"])
    options = f"lowerdir={lower},upperdir={stage}/upper,workdir={stage}/work,userxattr"
    linux.mount("overlay", root, "overlay", data=options)
    for name in rootfs.devices():
        linux.mount(f"/dev/{name}", f"{root}/dev/{name}", "", linux.MS_BIND)
    linux.mount(
        "devpts",
        f"{root}/dev/pts",
        "devpts",
        linux.MS_NOSUID | linux.MS_NOEXEC,
        "newinstance,ptmxmode=0666,mode=0620,gid=5",
    )
    _mount_run(stage, f"{root}/run")
    linux.mount("proc", f"{root}/proc", "proc", _SAFE)
    linux.mount_sysfs(f"{root}/sys")
    if plan["containers"]:
        _prepare_for_containers(stage, root)
    os.chdir(root)
    linux.pivot_root(".", ".")
    linux.unmount(".")
    os.chdir("/root")


def _mount_run(stage: str, run: str) -> None:
    """Mount /run on the node's tmpfs, whose size limits it; the image's /run is not used."""
    os.mkdir(f"{stage}/run")
    os.mkdir(f"{stage}/run/lock")
    os.chmod(f"{stage}/run/lock", 0o1777)
    linux.mount(f"{stage}/run", run, "", linux.MS_BIND)
    safe = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount("none", run, "", linux.MS_BIND | linux.MS_REMOUNT | safe)


def _fill_upper(upper: str, hosts: str) -> None:
    """Write the files that every node has of its own; below the overlay, without copy-up."""
    for directory in ("etc", "dev", "dev/net", "dev/pts", "dev/shm"):
        os.mkdir(f"{upper}/{directory}", 0o755)
    os.chmod(f"{upper}/dev/shm", 0o1777)
    file = os.open(f"{upper}/etc/hosts", os.O_CREAT | os.O_WRONLY, 0o644)
    os.write(file, hosts.encode())
    os.close(file)
    for name in rootfs.devices():
        os.mknod(f"{upper}/dev/{name}", stat.S_IFREG | 0o666)
    for name, target in _DEVICE_LINKS.items():
        os.symlink(target, f"{upper}/dev/{name}")


def _prepare_for_containers(stage: str, root: str) -> None:
    """Mount an engine's data on the node's tmpfs, since overlayfs refuses an upper layer on an
    overlay, and an empty tmpfs instead of cgroups: a new cgroup would be left on the host."""
    os.makedirs(f"{root}/var/lib/docker", 0o755, exist_ok=True)
    os.mkdir(f"{stage}/docker", 0o710)
    linux.mount(f"{stage}/docker", f"{root}/var/lib/docker", "", linux.MS_BIND)
    linux.mount("tmpfs", f"{root}/sys/fs/cgroup", "tmpfs", _SAFE | linux.MS_RDONLY)


def _apply(sysctls: dict[str, str]) -> None:
    for name, value in sysctls.items():
        path = "/proc/sys/" + name.replace(".", "/")
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(value)
        except OSError as error:
            raise OSError(error.errno, f"sysctl {name} = {value}: {error.strerror}") from None
