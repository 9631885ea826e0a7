"""Confines the nodes of a lab beyond namespaces, and protects the supervisor from them.

Standard library alone: see supervisor.py.
"""

import ctypes
import errno
import os

from labkernel import linux
from labkernel.backends.namespaces import processes

# of /proc/PID/stat, counted from its state; arg_end is the next
_ARG_START = 45
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 4, 24
_SYS_KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "ppc64le": 271, "s390x": 280}
_JOIN_SESSION_KEYRING = 1

#: Capabilities (linux/capability.h) that no lab needs.  They have no effect outside of the user
#: namespace; without them no program on a node can even try.
DROPPED = {
    "SYS_MODULE": 16, "SYS_RAWIO": 17, "SYS_PACCT": 20, "SYS_BOOT": 22, "SYS_TIME": 25,
    "AUDIT_CONTROL": 30, "MAC_OVERRIDE": 32, "MAC_ADMIN": 33, "SYSLOG": 34, "WAKE_ALARM": 35,
    "BLOCK_SUSPEND": 36, "AUDIT_READ": 37, "PERFMON": 38, "BPF": 39, "CHECKPOINT_RESTORE": 40,
}  # fmt: skip


def become_opaque() -> None:
    """Protect this process's memory, descriptors and environment from unprivileged processes and
    from tracing, also by root of a user namespace that it enters later.  Children inherit that
    until they execute a program."""
    linux.prctl(_PR_SET_DUMPABLE, 0)


def shorten_words(name: bytes) -> None:
    """Overwrite this process's command line, which the nodes' PID 1 inherits and everybody on a
    node sees, since it has the path of labkernel on the machine.  See proc_pid_cmdline(5); it is
    overwritten in memory, as prctl(2) does not allow to move it in a user namespace.
    """
    found = processes.fields("self")
    start, end = int(found[_ARG_START]), int(found[_ARG_START + 1])
    if start and end - start > len(name):  # 0 if the kernel hides it
        ctypes.memmove(start, name.ljust(end - start, b"\0"), end - start)


def leave_keyring() -> None:
    """Join a new session keyring: the inherited one may have keys of the user.  Nodes can't request
    keys, see seccomp.py, but /proc/keys would show them."""
    number = _SYS_KEYCTL.get(os.uname().machine)
    try:
        if number is not None:
            linux.syscall("keyctl", number, _JOIN_SESSION_KEYRING, None)
    except OSError as error:
        # a kernel without keyrings, or seccomp refuses them
        if error.errno not in (errno.ENOSYS, errno.EPERM):
            raise


def drop_capabilities() -> None:
    """Drop the capabilities that no lab needs, for all programs executed from now on."""
    for number in DROPPED.values():
        try:
            linux.prctl(_PR_CAPBSET_DROP, number)
        except OSError as error:
            # an older kernel has no such capability
            if error.errno != errno.EINVAL:
                raise
