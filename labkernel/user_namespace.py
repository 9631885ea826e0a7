"""Enters a user namespace with the ids that a node needs.

Standard library alone: see linux.py.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence

from labkernel import linux, refusals
from labkernel.refusals import NoUserNamespace

#: the number of ids of a node
IDS = 65536
#: the number of ids that it needs besides the user's own: Debian's nobody is 65534, 65535 is unused
NEEDED = IDS - 2
_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "in_namespace.py")

#: a first id, and a count
Range = tuple[int, int]


def subordinate_ids(file: str, user: str, uid: int) -> list[Range]:
    """A user's subordinate ids, as many as a node needs besides the user's own: from one range or
    several, as in podman; empty if there are too few.  In a container, the ids of the container are
    preferred, since the kernel refuses others.

    :param file: /etc/subuid or /etc/subgid.
    """
    given = list(_given(file, user, uid))
    there = refusals.ids_here(
        "/proc/self/uid_map" if file.endswith("uid") else "/proc/self/gid_map"
    )
    here = [part for each in given for part in _common(each, there)]
    return _enough(here) or _enough(given)


def _given(file: str, user: str, uid: int) -> Iterator[Range]:
    for line in linux.setting(file).splitlines():
        owner, _, rest = line.partition(":")
        start, _, count = rest.partition(":")
        if start.isdigit() and count.isdigit() and owner in (user, str(uid)):
            yield int(start), int(count)


def _enough(ranges: Sequence[Range]) -> list[Range]:
    """The ranges cut to the number of ids that a node uses; empty if there are too few."""
    found, missing = [], IDS - 1
    for start, count in ranges:
        taken = min(count, missing)
        found += [(start, taken)] if taken else []
        missing -= taken
    return [] if missing > IDS - 1 - NEEDED else found


def _common(wanted: Range, there: Sequence[Range]) -> list[Range]:
    """The parts of a range that exist in this user namespace."""
    parts = [
        (max(wanted[0], start), min(sum(wanted), start + count)) for start, count in sorted(there)
    ]
    return [(start, end - start) for start, end in parts if end > start]


def user_name(uid: int) -> str:
    """A user's name; the number if there is none, as in containers."""
    import pwd  # which Windows lacks

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def enter(more: int = 0) -> None:
    """Make this process, which must have one thread, root of a new user namespace.

    If it is root already, it makes only the other namespaces.

    :param more: further CLONE_NEW… flags.
    :raises NoUserNamespace: with the remedy.
    """
    if os.geteuid() == 0:
        try:
            linux.unshare(more)
        except OSError as error:
            raise refusals.of_namespace(error) from error
        return
    uid, gid = os.getuid(), os.getgid()
    user = user_name(uid)
    uids = subordinate_ids("/etc/subuid", user, uid)
    gids = subordinate_ids("/etc/subgid", user, uid)
    if not uids or not gids:
        raise NoUserNamespace(
            f"user {user} has no {IDS} subordinate ids in /etc/subuid and /etc/subgid",
            f"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}",
        )
    outside = refusals.Outside()
    unshare_and_map(
        linux.CLONE_NEWUSER | more,
        lambda pid: _call_newuidmap(pid, lines(uid, uids), lines(gid, gids)),
        lambda: refusals.of_maps(outside),
    )


def lines(own: int, ranges: Sequence[Range]) -> list[tuple[int, int, int]]:
    """The lines of an id map: inside, outside, count.  The user's own id is root inside."""
    made = [(0, own, 1)]
    for start, count in ranges:
        inside, _, before = made[-1]
        made.append((inside + before, start, count))
    return made


def unshare_and_map(
    flags: int,
    write_maps: Callable[[int], int],
    unavailable: Callable[[], NoUserNamespace],
) -> None:
    """Unshare, while a child outside of the new namespace writes the maps.

    :param write_maps: a function of the pid whose maps they are; returns an exit code.
    :param unavailable: returns the error if they can't be written.
    :raises NoUserNamespace: with the remedy.
    """
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
        linux.unshare(flags)
        os.write(ready_w, b"1")
    except OSError as error:
        raise refusals.of_namespace(error) from error
    finally:
        os.close(ready_w)
        status = os.waitstatus_to_exitcode(os.waitpid(helper, 0)[1])
    if status != 0:
        raise unavailable()


def _call_newuidmap(
    pid: int, users: list[tuple[int, int, int]], groups: list[tuple[int, int, int]]
) -> int:
    try:
        running = [
            os.posix_spawnp(
                tool,
                [tool, str(pid), *(str(number) for line in map_ for number in line)],
                dict(os.environ),
            )
            for tool, map_ in (("newuidmap", users), ("newgidmap", groups))
        ]
    except FileNotFoundError:
        return 127
    return max(os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in running)


def command(words: list[str]) -> list[str]:
    """The command line that runs a command as root of a new user namespace (for root: without one)
    in a mount namespace of its own; the command ends when the caller ends."""
    return [sys.executable, "-I", "-S", _SCRIPT, "--", *words]
