"""Assigns the user ids of a lab.  Each lab of real root has a range of its own: many limits of the
kernel are per user (inotify, epoll, descriptors in flight), so that one lab can't exhaust them for
the others.

Standard library alone: see supervisor.py.
"""

import errno
import os
import socket

from labkernel import linux, refusals, user_namespace

#: above the ids of users, and of containers of podman, Docker and systemd-nspawn, and below
#: systemd's foreign ids
FIRST_OF_ROOT, _FOREIGN = 2_000_000_000, 0x7FFE0000
_RANGES = (_FOREIGN - FIRST_OF_ROOT) // user_namespace.IDS
_PR_SET_SECUREBITS, _NO_SETUID_FIXUP = 28, 1 << 2


def enter_lab_namespace(more: int) -> socket.socket | None:
    """Make this process, which must have one thread, root of a user namespace for a lab: as
    :func:`user_namespace.enter` does, but for real root with a range of ids of its own.

    :returns: for real root, a socket that reserves the ids while it is open.
    :raises NoUserNamespace: with the remedy.
    """
    if not linux.is_real_root():
        user_namespace.enter(more)
        return None
    claim, first = _claim_range()
    whole = f"0 {first} {user_namespace.IDS}"
    _own_as(first)
    user_namespace.unshare_and_map(
        linux.CLONE_NEWUSER | more,
        lambda pid: _write_maps(pid, whole),
        lambda: refusals.NoUserNamespace(
            "the user namespace's id maps can't be written", "a /proc that can be written to"
        ),
    )
    return claim


def become_root_inside() -> None:
    """Become root of the user namespace, in which real root is nobody at first."""
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _own_as(first: int) -> None:
    """Make the lab's own root the owner of the user namespace, since the use of resources in it is
    charged to the owner, too.  Files are still accessed as root, with root's capabilities."""
    try:
        linux.prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP)
    except PermissionError:
        return  # root without CAP_SETPCAP: the namespace is root's own
    os.seteuid(first)
    linux.setfsuid(0)


def _claim_range() -> tuple[socket.socket, int]:
    """Find a range that no process uses, and reserve it by an abstract socket address, which the
    kernel releases with the process.

    If a process occupies all these addresses, labs still start: then two that start in the same
    moment may share a range.
    """
    claim = socket.socket(socket.AF_UNIX)
    offset = int.from_bytes(os.urandom(4), "big")
    ranges = [FIRST_OF_ROOT + (offset + n) % _RANGES * user_namespace.IDS for n in range(_RANGES)]
    free = (first for first in ranges if not _has_processes(first))
    fallback = None
    for first in free:
        fallback = fallback or first
        if _bind(claim, first):
            return claim, first
    if fallback is None:
        raise refusals.NoUserNamespace(
            f"{_RANGES} labs of root's run", "labkernel status, and labkernel down for some"
        )
    return claim, fallback


def _has_processes(user: int) -> bool:
    try:
        os.getpriority(os.PRIO_USER, user)
    except ProcessLookupError:
        return False
    return True


def _bind(claim: socket.socket, first: int) -> bool:
    try:
        claim.bind(f"\0labkernel-ids-{first}")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True


def _write_maps(pid: int, line: str) -> int:
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{pid}/{name}", "w", encoding="ascii") as file:
            file.write(line)
    return 0
