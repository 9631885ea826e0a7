"""``labkernel image share``: one store of images for many users of a machine.

Files of a layer belong to the ids of who built it.  For each user root attaches that store once
more, read-only and with the owners that the user's own build would have (mount_setattr(2),
MOUNT_ATTR_IDMAP): where only root can put it and only the user can enter.  It takes no space, and
is gone when it is taken back or the machine starts anew.
"""

import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from labkernel import linux, user_namespace
from labkernel.backends.namespaces import detached
from labkernel.errors import LabError, shown
from labkernel.images import cache

#: an id on the disk, the id that it is for the user, how many
Range = tuple[int, int, int]


def share(user: str) -> Path:
    """Attach the store of who runs this, which must be root, for a user; gives where.

    What was attached there before stays for the labs that use it.

    :raises LabError: there is no such user, it has no subordinate ids, or this kernel or file
        system can't.
    """
    uid, ranges = _ranges(user)
    if not cache.directory().is_dir():
        raise LabError(f"there is nothing to share in {cache.directory()}", "labkernel image build")
    location = _made_place(uid)
    with _user_namespace(*ranges) as namespace:
        try:
            mount = detached.mapped(str(cache.directory()), namespace, read_only=True)
        except OSError as error:
            raise LabError(
                f"{cache.directory()} can't be shared ({error})",
                "Linux 5.19 or newer, and XDG_CACHE_HOME on ext4, XFS or Btrfs",
            ) from None
    end(user)
    detached.attach(mount, str(location))
    # who can open the lock of the store could hold it, and nobody would build any more
    linux.mount("/dev/null", str(location / "lock"), "", linux.MS_BIND)
    return location


def end(user: str) -> bool:
    """Detach it; says whether it was attached.  Labs that run keep what they use."""
    location = cache.SHARED / str(_user(user).pw_uid)
    if not os.path.ismount(location):
        return False
    linux.unmount(str(location))
    return True


def _user(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise LabError(f"there is no user {shown(name)} on this machine") from None


def _ranges(name: str) -> tuple[int, tuple[list[Range], list[Range]]]:
    """A user's number, and which ids of the store are which of the user's: users and groups, as in
    the user's own labs (linux.py)."""
    user = _user(name)
    found = []
    for file, own in (("/etc/subuid", user.pw_uid), ("/etc/subgid", user.pw_gid)):
        ranges = user_namespace.subordinate_ids(file, name, user.pw_uid)
        if not ranges:
            raise LabError(
                f"{name} has fewer than {user_namespace.IDS - 1} ids in {file}",
                f"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name}",
            )
        found.append(user_namespace.lines(own, ranges))
    return user.pw_uid, (found[0], found[1])


def _made_place(uid: int) -> Path:
    """The directory, in those that only root can write to."""
    for path in (cache.SHARED.parent, cache.SHARED, cache.SHARED / str(uid)):
        path.mkdir(mode=0o755, exist_ok=True)
        status = path.lstat()
        if status.st_uid not in (0, uid) or (path != cache.SHARED / str(uid) and status.st_uid):
            raise LabError(f"{path} does not belong to root, so nothing is put there")
    return cache.SHARED / str(uid)


@contextmanager
def _user_namespace(users: Sequence[Range], groups: Sequence[Range]) -> Iterator[int]:
    """A user namespace with these maps, as a descriptor; nobody is in it."""
    ready_r, ready_w = os.pipe()
    done_r, done_w = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(done_w)
            linux.unshare(linux.CLONE_NEWUSER)
            os.write(ready_w, b"1")
            os.read(done_r, 1)
        finally:
            os._exit(0)
    try:
        os.close(ready_w)
        if os.read(ready_r, 1) != b"1":
            raise LabError("a user namespace can't be made here", "labkernel doctor")
        for name, ranges in (("uid_map", users), ("gid_map", groups)):
            lines = "\n".join(" ".join(map(str, each)) for each in ranges)
            Path(f"/proc/{child}/{name}").write_text(lines, encoding="ascii")
        found = os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        yield found
        os.close(found)
    finally:
        for fd in (ready_r, done_r, done_w):
            os.close(fd)
        os.waitpid(child, 0)
