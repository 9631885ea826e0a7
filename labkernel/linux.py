"""Namespaces and mounts: the system calls that Python lacks, and the way into a user namespace.

Python 3.12 has ``os.unshare`` and ``os.setns``; 3.11, which Debian 12 ships, has neither, and none
has ``mount``.  Everything here raises OSError with the call's name.  The file imports the standard
library alone: the supervisor of a lab runs it without site-packages, to start in milliseconds.

``python -I -S linux.py -- COMMAND …`` runs a command as root of a new user namespace (as root:
without one) in a mount namespace of its own, and ends it when the caller ends.
"""

import ctypes
import os
import sys
from collections.abc import Callable

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

#: how many ids a node needs: Debian's nobody is 65534
IDS = 65536


class NoUserNamespace(OSError):
    """A user namespace can't be made here; `remedy` says what to do."""

    def __init__(self, why: str, remedy: str) -> None:
        self.why = why
        self.remedy = remedy
        super().__init__(f"{why}. Try: {remedy}.")


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
    """Have the kernel send this process a signal when its parent ends; see prctl(2).

    Under other systems it does nothing: theirs can't.
    """
    if sys.platform != "linux":
        return
    prctl(_PR_SET_PDEATHSIG, int(number))


def prctl(option: int, value: int) -> None:
    """See prctl(2)."""
    _check(_libc.prctl(option, value, 0, 0, 0), "prctl")


def setfsuid(uid: int) -> None:
    """See setfsuid(2), which says nothing of whether it worked."""
    _libc.setfsuid(uid)


def is_real_root() -> bool:
    """Whether this process is root of the machine, and not of a user namespace alone."""
    if os.geteuid() != 0:
        return False
    return _setting("/proc/self/uid_map").split() == ["0", "0", str(2**32 - 1)]


def make_mounts_private() -> None:
    """Keep what is mounted from now on inside this mount namespace."""
    mount("none", "/", "", MS_REC | MS_PRIVATE)


def subordinate_start(file: str, user: str, uid: int) -> int | None:
    """Where the first range of subordinate ids begins that is long enough for a node.

    :param file: /etc/subuid or /etc/subgid.
    """
    for line in _setting(file).splitlines():
        owner, _, rest = line.partition(":")
        start, _, count = rest.partition(":")
        numbers = start.isdigit() and count.isdigit()
        if numbers and owner in (user, str(uid)) and int(count) >= IDS - 1:
            return int(start)
    return None


def _user_name(uid: int) -> str:
    """A user's name; in a container, users may have none but the number."""
    import pwd  # which Windows lacks

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def enter_user_namespace(more: int = 0) -> None:
    """Make this process, which must have one thread, root of a new user namespace.

    As root it makes only the other namespaces: what is trusted needs no user namespace there.

    :param more: further CLONE_NEW… flags.
    :raises NoUserNamespace: with the remedy.
    """
    if os.geteuid() == 0:
        try:
            unshare(more)
        except OSError as error:
            raise why_refused(error) from error
        return
    uid, gid = os.getuid(), os.getgid()
    user = _user_name(uid)
    uids = subordinate_start("/etc/subuid", user, uid)
    gids = subordinate_start("/etc/subgid", user, uid)
    if uids is None or gids is None:
        raise NoUserNamespace(
            f"user {user} has no {IDS} subordinate ids in /etc/subuid and /etc/subgid",
            f"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}",
        )
    unshare_and_map(
        CLONE_NEWUSER | more,
        lambda pid: _call_newuidmap(pid, (uid, uids), (gid, gids)),
        "sudo apt-get install uidmap, and look at /etc/subuid and /etc/subgid",
    )


def unshare_and_map(flags: int, write_maps: Callable[[int], int], remedy: str) -> None:
    """Unshare, while a child that stayed outside writes the maps: who is inside can't."""
    ready_r, ready_w = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(ready_w)
        code = 1
        try:
            code = write_maps(os.getppid()) if os.read(ready_r, 1) == b"1" else 0
        finally:
            os._exit(code)
    os.close(ready_r)
    try:
        unshare(flags)
        os.write(ready_w, b"1")
    except OSError as error:
        raise why_refused(error) from error
    finally:
        os.close(ready_w)
        status = os.waitstatus_to_exitcode(os.waitpid(helper, 0)[1])
    if status != 0:
        raise NoUserNamespace("newuidmap could not write the user namespace's id maps", remedy)


def _call_newuidmap(pid: int, users: tuple[int, int], groups: tuple[int, int]) -> int:
    try:
        running = [
            os.posix_spawnp(
                tool,
                [tool, str(pid), "0", str(own), "1", "1", str(start), str(IDS - 1)],
                dict(os.environ),
            )
            for tool, (own, start) in (("newuidmap", users), ("newgidmap", groups))
        ]
    except FileNotFoundError:
        return 127
    return max(os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in running)


def why_refused(error: OSError) -> NoUserNamespace:
    """What stands behind a refused namespace, or a refused mount in one, and what helps."""
    for path, bad, remedy in (
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            (
                "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or `make setup`, "
                "which adds an AppArmor profile for labkernel alone"
            ),
        ),
        (
            "/proc/sys/kernel/unprivileged_userns_clone",
            "0",
            "sudo sysctl kernel.unprivileged_userns_clone=1",
        ),
        ("/proc/sys/user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=15000"),
    ):
        if _setting(path) == bad:
            name = path.removeprefix("/proc/sys/").replace("/", ".")
            return NoUserNamespace(f"user namespaces are not allowed ({name} = {bad})", remedy)
    return NoUserNamespace(
        f"namespaces are refused ({error.strerror or error})",
        ("" if os.geteuid() == 0 else "run as root, or ")
        + "allow user namespaces (in a container: --privileged)",
    )


def _setting(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def namespace_command(command: list[str]) -> list[str]:
    """The words that run a command as root of a new user and mount namespace."""
    return [sys.executable, "-I", "-S", __file__, "--", *command]


def _main(arguments: list[str]) -> int:
    if not arguments or arguments[0] != "--" or len(arguments) == 1:
        print("usage: linux.py -- COMMAND …", file=sys.stderr)
        return 2
    try:
        die_with_parent()
        enter_user_namespace(CLONE_NEWNS)
        make_mounts_private()
        os.execvp(arguments[1], arguments[1:])
    except OSError as error:
        print(f"labkernel: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
