"""``python machine.py [--root] [--no-namespaces] [--subids TEXT] -- COMMAND …``: another machine.

Runs a command where this process is somebody else, by namespaces of the kernel that is really here:
as ``nobody`` (or with --root as a root without CAP_SYS_ADMIN, as in a container), where files are
still accessible as before; with TEXT as /etc/subuid and /etc/subgid; where no user namespace may be
made.  The kernel takes it all back when the command ends.
"""

import argparse
import ctypes
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from labkernel import linux

NOBODY = 65534
_PR_CAPBSET_DROP = 24
_CAP_SYS_ADMIN = 21


def main() -> None:
    """Change what was asked for and become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", action="store_true")
    parser.add_argument("--no-namespaces", action="store_true")
    parser.add_argument("--subids")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    _become(0 if given.root else NOBODY)
    linux.make_mounts_private()
    if given.subids is not None:
        _cover(("/etc/subuid", "/etc/subgid"), given.subids)
    if given.no_namespaces:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    if given.root:
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_SYS_ADMIN, 0, 0, 0)
    os.execvp(given.command[0], given.command)


def _become(uid: int) -> None:
    """Be this user in a user namespace, and to everything outside who one was."""
    users, groups = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWNS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {users} 1")
    Path("/proc/self/gid_map").write_text(f"{uid} {groups} 1")


def _cover(paths: tuple[str, ...], text: str) -> None:
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        for path in paths:
            linux.mount(file.name, path, "", linux.MS_BIND)


if __name__ == "__main__":
    main()
