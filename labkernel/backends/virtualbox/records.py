"""What is written down about running labs, in a directory of ours alone.

::

    $LABKERNEL_VIRTUALBOX, else $XDG_CACHE_HOME/labkernel/virtualbox/
        lock                        held by whoever looks through labs/ or changes what is in it
        bases/<digest>/             an imported image, see imports.py
        labs/<instance>.<random>/   one running lab
            lab.json                see Record
            memo.json               what the lab keeps for its clients
            clients/<random>        one per client, locked for as long as that lives
            machines/               VirtualBox's folder of the lab's machines
            key, known_hosts        for ssh
            <node>.iso, <node>.console

A machine is ours if its record has its UUID, or if its file lies in this directory: whatever it is
called.  All this works without anything that Linux alone has.
"""

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from labkernel import resources
from labkernel.errors import BackendError

#: names another directory, where there is more room
VARIABLE = "LABKERNEL_VIRTUALBOX"

STARTING, UP = "starting", "up"


def place() -> Path:
    """Where it all is, or would be."""
    given = os.environ.get(VARIABLE, "")
    return (Path(given) if given else resources.cache() / "virtualbox").resolve()


def directory() -> Path:
    """Where it all is; made with mode 0700."""
    path = place()
    for each in (path, path / "labs", path / "bases"):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_ours(path)
    return path


def _require_ours(path: Path) -> None:
    if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
        raise BackendError(f"{path} belongs to another user", "LABKERNEL_VIRTUALBOX=$(mktemp -d)")


class Lock:
    """A file that one holds at a time; the system lets go of it when its holder ends.

    :param path: made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    def try_(self) -> bool:
        """Take it, unless somebody has it."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(fd)
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def take(self, within: float = 600.0) -> None:
        """Take it, once it is free.

        :raises BackendError: it is not, within so many seconds.
        """
        end = time.monotonic() + within
        while not self.try_():
            if time.monotonic() > end:
                raise BackendError(f"{self.path} is held by another labkernel for too long")
            time.sleep(0.02)  # Windows can't wait for a lock without an end either

    def release(self) -> None:
        """Let go of it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked(path: Path | None = None) -> Iterator[None]:
    """Hold a lock: by default the one on all labs."""
    lock = Lock(path or directory() / "lock")
    lock.take()
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class Clone:
    """A node's machine, written down before it is made.

    :param uuid: ours to choose, so that it can be found again whatever happens.
    :param port: on 127.0.0.1, leads to its SSH server.
    """

    node: str
    uuid: str
    port: int = 0


@dataclass(frozen=True)
class Record:
    """One running lab.

    :param folder: its directory.
    :param digest: that of its topology.
    :param linger: seconds for which it outlives its last client.
    :param stage: :data:`STARTING`, :data:`UP`.
    :param bases: the UUIDs of the machines that its machines are clones of.
    """

    folder: Path
    instance: str
    lab: str
    digest: str
    linger: float
    stage: str = STARTING
    clones: tuple[Clone, ...] = ()
    bases: tuple[str, ...] = ()

    def write(self) -> None:
        """Write it, whole or not at all."""
        told = asdict(self) | {"folder": None}
        _write(self.folder / "lab.json", told)

    def with_clone(self, clone: Clone) -> "Record":
        """The record with one more machine, or with one that has changed; written."""
        clones = {each.node: each for each in self.clones} | {clone.node: clone}
        changed = replace(self, clones=tuple(clones.values()))
        changed.write()
        return changed

    @classmethod
    def read(cls, folder: Path) -> "Record | None":
        """What is written in a lab's directory; None if nothing whole is."""
        try:
            told = json.loads((folder / "lab.json").read_text(encoding="utf-8"))
            clones = tuple(Clone(**each) for each in told.pop("clones"))
            bases = tuple(told.pop("bases"))
            return cls(**(told | {"folder": folder, "clones": clones, "bases": bases}))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def clone(self, node: str) -> Clone:
        """The machine of a node.

        :raises BackendError: it is not in the lab.
        """
        for each in self.clones:
            if each.node == node:
                return each
        raise BackendError(f'lab "{self.lab}" has no node "{node}"')

    def told(self, *, answers: bool) -> dict[str, Any]:
        """What whoever lists labs is told of it.

        :param answers: whether VirtualBox's server does.
        """
        nodes = [clone.node for clone in self.clones]
        names = {"instance": self.instance, "lab": self.lab, "nodes": nodes}
        return names | {"pid": None, "ended": {}, "answers": answers}

    def touch(self) -> None:
        """Note that it was used now."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self.folder / "lab.json")

    def idle(self) -> float:
        """Seconds since it was used last."""
        return time.time() - (self.folder / "lab.json").stat().st_mtime

    def has_clients(self) -> bool:
        """Whether a process has it in use."""
        return any(_is_held(path) for path in (self.folder / "clients").glob("*"))

    def read_memo(self) -> dict[str, Any]:
        """What was kept for its clients."""
        try:
            memo = json.loads((self.folder / "memo.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # it is written whole: a disk was full, or worse
            return {}
        return dict(memo) if isinstance(memo, dict) else {}

    def write_memo(self, memo: dict[str, Any]) -> None:
        """Keep something for its clients."""
        _write(self.folder / "memo.json", memo)

    def update_memo(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change what is kept for its clients; ``None`` takes a name away.  What it is then."""
        with locked(self.folder / "memo.lock"):
            kept = self.read_memo() | changes
            memo = {name: value for name, value in kept.items() if value is not None}
            self.write_memo(memo)
        return memo


def _is_held(path: Path) -> bool:
    lock = Lock(path)
    if not lock.try_():
        return True
    lock.release()
    return False


def _write(path: Path, told: dict[str, Any]) -> None:
    new = path.with_suffix(f".{os.urandom(4).hex()}")
    new.write_text(json.dumps(told, indent=1), encoding="utf-8")
    new.replace(path)


def new_folder(instance: str) -> Path:
    """A directory for a lab that is about to start; the caller holds the lock on all labs."""
    folder = directory() / "labs" / f"{instance}.{os.urandom(4).hex()}"
    for each in (folder, folder / "clients", folder / "machines"):
        each.mkdir(mode=0o700)
    return folder


def join(folder: Path) -> Lock:
    """Become a client of a lab; the caller holds the lock on all labs."""
    client = Lock(folder / "clients" / os.urandom(4).hex())
    client.take()
    return client


def folders() -> list[Path]:
    """The directory of every lab, running or not."""
    return sorted(path for path in (place() / "labs").glob("*") if path.is_dir())


def all_() -> list[Record]:
    """The records of all labs, running or not."""
    return [record for folder in folders() if (record := Record.read(folder))]


def find(instance: str) -> Record | None:
    """The record of a lab by its instance's name."""
    for folder in folders():
        if folder.name.rpartition(".")[0] == instance and (record := Record.read(folder)):
            return record
    return None


def remove(folder: Path) -> None:
    """Remove a directory of ours; VirtualBox may still be writing to it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        shutil.rmtree(folder)
