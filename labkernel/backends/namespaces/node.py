"""A node from the inside: its root file system, and its PID 1, the agent that runs commands.

Runs in a child of the supervisor; standard library alone.
"""

import fcntl
import os
import selectors
import signal
import socket
import stat
import termios
from typing import Any

from labkernel import linux
from labkernel.backends.namespaces import hollow, netlink, protocol

_DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
#: the supervisor takes it on before it forks: posix_spawnp looks commands up in its own PATH
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/bash",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
}
_GUARDED = (("sys", linux.MS_RDONLY), ("sys/net", 0), ("sysrq-trigger", linux.MS_RDONLY))
_SAFE = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
_NAMESPACES = linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC


def become(plan: dict[str, Any], channel: socket.socket) -> None:
    """Turn this process, PID 1 of a new pid namespace, into the node; never returns.

    :param plan: the node's part of the lab's plan (see ``plan.py``).
    :param channel: to the supervisor: says when its namespaces are there, is told when its
        interfaces are, says when it is up, then takes commands.
    """
    try:
        linux.unshare(_NAMESPACES)
        channel.send(b"N")
        _enter_root(plan)
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
    Agent(channel).serve()


def _enter_root(plan: dict[str, Any]) -> None:
    """Put the overlay together and make it this process's root, as an initramfs does: moving it
    over the old root is quicker than pivot_root, whose unmounting waits for every CPU."""
    stage, root = hollow.STAGE, f"{hollow.STAGE}/root"
    linux.mount("tmpfs", stage, "tmpfs", data=f"size={plan['memory']}m,mode=755")
    for directory in ("root", "upper", "work"):
        os.mkdir(f"{stage}/{directory}", 0o755)
    _fill_upper(f"{stage}/upper", plan["hosts"])
    options = f"lowerdir={':'.join(plan['layers'])},upperdir={stage}/upper,workdir={stage}/work"
    if not plan["privileged"]:
        options += ",userxattr"
    linux.mount("overlay", root, "overlay", data=options)
    for name in hollow.devices():
        linux.mount(f"/dev/{name}", f"{root}/dev/{name}", "", linux.MS_BIND)
    linux.mount(
        "devpts",
        f"{root}/dev/pts",
        "devpts",
        linux.MS_NOSUID | linux.MS_NOEXEC,
        "newinstance,ptmxmode=0666,mode=0620,gid=5",
    )
    linux.mount("tmpfs", f"{root}/run", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    os.mkdir(f"{root}/run/lock", 0o1777)
    _mount_kernel_views(root, plan["privileged"])
    os.chdir(root)
    linux.mount(".", "/", "", linux.MS_MOVE)
    os.chroot(".")
    os.chdir("/root")
    os.umask(0o022)


def _fill_upper(upper: str, hosts: str) -> None:
    """What every node has of its own; written below the overlay, where nothing is copied up."""
    for directory in ("etc", "dev", "dev/net", "dev/pts", "dev/shm"):
        os.mkdir(f"{upper}/{directory}", 0o755)
    os.chmod(f"{upper}/dev/shm", 0o1777)
    file = os.open(f"{upper}/etc/hosts", os.O_CREAT | os.O_WRONLY, 0o644)
    os.write(file, hosts.encode())
    os.close(file)
    for name in hollow.devices():
        os.mknod(f"{upper}/dev/{name}", stat.S_IFREG | 0o666)
    for name, target in _DEVICE_LINKS.items():
        os.symlink(target, f"{upper}/dev/{name}")


def _mount_kernel_views(root: str, privileged: bool) -> None:
    """/proc and /sys; real root sees what is not the node's own read-only, so that no step can
    change the host by mistake."""
    linux.mount("proc", f"{root}/proc", "proc", _SAFE)
    linux.mount("sysfs", f"{root}/sys", "sysfs", _SAFE | (linux.MS_RDONLY if privileged else 0))
    if not privileged:
        return
    for path, flags in _GUARDED:
        target = f"{root}/proc/{path}"
        if os.path.exists(target):
            linux.mount(target, target, "", linux.MS_BIND)
            linux.mount("none", target, "", linux.MS_BIND | linux.MS_REMOUNT | _SAFE | flags)


def _apply(sysctls: dict[str, str]) -> None:
    for name, value in sysctls.items():
        path = "/proc/sys/" + name.replace(".", "/")
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(value)
        except OSError as error:
            raise OSError(error.errno, f"sysctl {name} = {value}: {error.strerror}") from None


class Agent:
    """PID 1 of a node: starts commands, reports how they end, reaps what is orphaned."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._selector = selectors.DefaultSelector()
        self._callers: dict[int, socket.socket] = {}
        self._children_r, children_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(children_w, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Take commands until the supervisor ends."""
        self._selector.register(self._channel, selectors.EVENT_READ, self._take)
        self._selector.register(self._children_r, selectors.EVENT_READ, self._reap)
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _take(self) -> None:
        received = protocol.receive(self._channel)
        if received is None:
            os._exit(0)
        message, fds = received
        caller = socket.socket(fileno=fds.pop())
        try:
            pid = self._start(message, fds, caller)
        except OSError as error:
            name = message["argv"][0] if message.get("argv") else "a terminal"
            _tell(caller, {"error": f"{name}: {error.strerror}", "errno": error.errno})
            caller.close()
            return
        finally:
            for fd in fds:
                os.close(fd)
        self._callers[pid] = caller
        self._selector.register(caller, selectors.EVENT_READ, lambda: self._hear(pid, caller))

    def _start(self, message: dict[str, Any], fds: list[int], caller: socket.socket) -> int:
        if message["op"] == "terminal":
            return _start_terminal(message, caller)
        stdin, output = fds
        actions = [
            (os.POSIX_SPAWN_DUP2, stdin, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
        ]
        return os.posix_spawnp(
            message["argv"][0],
            message["argv"],
            ENVIRONMENT,
            file_actions=actions,
            setsid=True,
            setsigdef=(signal.SIGPIPE, signal.SIGCHLD),
            setsigmask=(),
        )

    def _hear(self, pid: int, caller: socket.socket) -> None:
        """A signal to pass on; a caller that is gone needs no answer any more."""
        received = protocol.receive(caller)
        number = received[0]["signal"] if received else signal.SIGKILL
        if received is None:
            self._forget(pid)
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return

    def _forget(self, pid: int) -> None:
        caller = self._callers.pop(pid)
        self._selector.unregister(caller)
        caller.close()

    def _reap(self) -> None:
        os.read(self._children_r, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if caller := self._callers.get(pid):
                _tell(caller, {"exit": os.waitstatus_to_exitcode(status)})
                self._forget(pid)


def _start_terminal(message: dict[str, Any], caller: socket.socket) -> int:
    """Start a login shell on a pseudo-terminal of the node, and hand over the terminal."""
    master, slave = os.openpty()
    try:
        pid = os.fork()
        if pid == 0:
            _become_shell(slave, message["term"])
        protocol.send(caller, {"terminal": True}, [master])
        return pid
    finally:
        os.close(master)
        os.close(slave)


def _become_shell(slave: int, term: str) -> None:
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.execve("/bin/bash", ["-bash"], ENVIRONMENT | {"TERM": term})
    finally:
        os._exit(127)


def _tell(caller: socket.socket, message: dict[str, Any]) -> None:
    try:
        protocol.send(caller, message, flags=socket.MSG_DONTWAIT)
    except OSError:
        # the caller has gone meanwhile: nobody is left to tell
        return
