"""What keeps the nodes of a lab from the machine, and from what runs them, beyond namespaces.

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

#: Capabilities (linux/capability.h) that no lab needs.  The user namespace makes them worth nothing
#: outside of it already; without them no program on a node can even try.
DROPPED = {
    "SYS_MODULE": 16, "SYS_RAWIO": 17, "SYS_PACCT": 20, "SYS_BOOT": 22, "SYS_TIME": 25,
    "AUDIT_CONTROL": 30, "MAC_OVERRIDE": 32, "MAC_ADMIN": 33, "SYSLOG": 34, "WAKE_ALARM": 35,
    "BLOCK_SUSPEND": 36, "AUDIT_READ": 37, "PERFMON": 38, "BPF": 39, "CHECKPOINT_RESTORE": 40,
}  # fmt: skip


def become_opaque() -> None:
    """Keep this process's memory, descriptors and environment from everybody who has no rights on
    the machine itself, and have nobody else trace it: not the root of a user namespace either that
    it enters later.  Its children are so, too, until they execute a program."""
    linux.prctl(_PR_SET_DUMPABLE, 0)


def shorten_words(name: bytes) -> None:
    """Have another command line: everybody on a node sees that of its PID 1, which was started as
    this process was, and that says where on the machine labkernel is.  See proc_pid_cmdline(5);
    the words are overwritten where they are, as prctl(2) lets nobody in a user namespace move them.
    """
    found = processes.fields("self")
    start, end = int(found[_ARG_START]), int(found[_ARG_START + 1])
    if start and end - start > len(name):  # 0 where the kernel tells nobody
        ctypes.memmove(start, name.ljust(end - start, b"\0"), end - start)


def leave_keyring() -> None:
    """Have a session keyring of one's own: the starter's is inherited, and may have keys in it.  No
    node can ask for a key, see seccomp.py, but /proc/keys shows those that it has."""
    number = _SYS_KEYCTL.get(os.uname().machine)
    try:
        if number is not None:
            linux.syscall("keyctl", number, _JOIN_SESSION_KEYRING, None)
    except OSError as error:
        # without keyrings, or where seccomp refuses them
        if error.errno not in (errno.ENOSYS, errno.EPERM):
            raise


def drop_capabilities() -> None:
    """Have no program that is executed from now on have those that no lab needs."""
    for number in DROPPED.values():
        try:
            linux.prctl(_PR_CAPBSET_DROP, number)
        except OSError as error:
            # an older kernel has no such capability, nor has anyone
            if error.errno != errno.EINVAL:
                raise
