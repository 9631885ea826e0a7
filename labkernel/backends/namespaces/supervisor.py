"""The supervisor of a lab: PID 1 of its pid namespace; when it ends, the kernel removes the lab.

The client runs this file with ``python -I -S``, standard library alone, so that it starts in
milliseconds and forks fast.  It becomes two processes:

* the *keeper* stays in the host's namespaces, waits for the supervisor's end, and removes the
  lab's socket, the only file outside the lab;
* the *supervisor* makes the lab's namespaces, the bridges and one child per node (see node.py),
  and passes commands on to the nodes' agents.

Each ends with the other: the supervisor ends when the keeper's pipe closes.
"""

import os
import sys

# `python -I` does not add this file's directory and the working directory to the path
sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))

import json
import resource
import signal
import socket
from typing import Any

from labkernel import linux, refusals
from labkernel.backends.namespaces import (
    broker,
    confinement,
    detached,
    ids,
    lab_nodes,
    protocol,
    rootfs,
    seccomp,
    vm,
)
from labkernel.backends.namespaces.rundir import remove

#: seconds between two checks that a lab's socket still exists
_LOOK = 10.0
_NAMESPACES = linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC


def keep(control: socket.socket) -> int:
    """Make the supervisor, wait for its end, and remove the lab's socket."""
    os.umask(0o022)  # nodes don't depend on the starter's umask
    os.chdir("/")  # the starter's directory must not be kept in use
    try:
        devices = detached.devices() if linux.is_real_root() else -1
        claim = ids.enter_lab_namespace(linux.CLONE_NEWPID)
    except OSError as error:
        return _say_unavailable(control, error)
    alive_r, alive_w = os.pipe()
    bound_r, bound_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(alive_w)
        os.close(bound_r)
        _supervise(control, alive_r, bound_w, devices)
    os.close(alive_r)
    os.close(bound_w)
    # a client of real root maps images to these ids, and may not be allowed to look them up
    namespace = [os.open("/proc/self/ns/user", os.O_RDONLY | os.O_CLOEXEC)] if claim else []
    protocol.send(control, {"supervisor": pid}, namespace)
    protocol.close_all(namespace)
    control.close()
    bound = os.read(bound_r, 4096).decode()  # sent by the supervisor, unless it ends
    if bound:
        _watch(pid, bound, alive_w)
    _, status = os.waitpid(pid, 0)
    if claim:
        claim.close()  # the supervisor has ended, and with it all processes with its ids
    if bound:
        remove(bound)
    return abs(os.waitstatus_to_exitcode(status))


def _watch(pid: int, bound: str, alive_w: int) -> None:
    """Until the supervisor ends, report to it if its socket is still at its path: the runtime
    directory may be unmounted, so that clients can't find the socket."""
    pidfd = os.pidfd_open(pid)
    first = reported = _identity(bound)
    while not protocol.readable(pidfd, _LOOK):
        if (now := _identity(bound)) != reported:
            reported = now
            os.write(alive_w, protocol.FOUND if now == first else protocol.LOST)
    os.close(pidfd)


def _identity(path: str) -> tuple[int, int] | None:
    """Device and inode of a path; None if it does not exist."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _supervise(control: socket.socket, alive_r: int, bound_w: int, devices: int) -> None:
    """The supervisor; never returns.

    :param devices: for real root, a mount of devices, see detached.py; otherwise -1.
    """
    code = 1
    try:
        confinement.become_opaque()
        confinement.shorten_words(b"labkernel-supervisor")
        if devices >= 0:
            ids.become_root_inside()
        # PID 1 ignores signals without a handler, and a shutdown would wait for it
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        if not _prepare(control, devices):
            os._exit(3)
        received = protocol.receive(control)
        if received is not None:
            _make_and_serve(control, alive_r, bound_w, *received)
        code = 0
    except (OSError, ValueError) as error:
        protocol.send(control, {"failed": str(error)})
    except BaseException:
        # a bug: written to the log, whose last line the client shows
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _make_and_serve(
    control: socket.socket, alive_r: int, bound_w: int, message: protocol.Message, fds: list[int]
) -> None:
    # what else came keeps the images in place for as long as this process lives
    plan, listener, bound, *_ = fds
    os.write(bound_w, message["socket"].encode())
    mounts = dict(zip(message["mounts"], fds[len(fds) - len(message["mounts"]) :], strict=True))
    parts = _read_all(plan)
    # before this process's root is replaced: QEMU needs the host's files
    vms = {part["name"]: vm.Vm(part, mounts) for part in parts["vms"]}
    try:
        nodes = lab_nodes.fork_nodes(parts["nodes"], mounts)
    except PermissionError as error:  # a container may refuse pivot_root alone
        _say_unavailable(control, error)
        return
    received = protocol.receive(control)
    if received is None:
        return
    # the nodes' processes are copies of this one: they don't have what is read from here on
    message |= received[0]
    lab_nodes.wire(nodes, _read_all(received[1][0]))
    if vms:
        vm.plug(parts["vms"], vms)
    protocol.send(control, {"up": True})
    hub = broker.Hub(message, {**nodes, **vms}, socket.socket(fileno=listener), bound, alive_r)
    hub.welcome(control)
    hub.serve()


def _prepare(control: socket.socket, devices: int) -> bool:
    """Do the work that needs no plan; a refusal by AppArmor or a container is detected here."""
    try:
        linux.unshare(_NAMESPACES)
        linux.make_mounts_private()
        _raise_open_files()
        rootfs.prepare(devices)
        # once, here: nodes inherit both
        confinement.leave_keyring()
        seccomp.install()
    except OSError as error:
        _say_unavailable(control, error)
        return False
    protocol.send(control, {"ready": True})
    return True


def _say_unavailable(control: socket.socket, error: OSError) -> int:
    refused = error if isinstance(error, refusals.NoUserNamespace) else refusals.of_namespace(error)
    protocol.send(control, {"unavailable": refused.why, "remedy": refused.remedy})
    return 3


def _raise_open_files() -> None:
    """Raise the limit of descriptors: hundreds of nodes need more than the usual 1024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _read_all(fd: int) -> Any:
    with os.fdopen(fd, "rb") as file:
        file.seek(0)
        return json.load(file)


if __name__ == "__main__":
    # at once: the interpreter's own end would keep whoever waits for the lab's waiting
    os._exit(keep(socket.socket(fileno=int(sys.argv[1]))))
