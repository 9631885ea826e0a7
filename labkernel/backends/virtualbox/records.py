"""What is written down about running labs, see places.py for where.

A machine is ours if its record has its UUID, or if its file lies in our directory: whatever it is
called.  All this works without anything that Linux alone has.
"""

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from labkernel.backends.virtualbox.directories import (
    VARIABLE,
    directory,
    folders,
    new_folder,
    place,
    remove,
)
from labkernel.backends.virtualbox.locks import Lock, locked
from labkernel.errors import BackendError

__all__ = [
    "STARTING",
    "UP",
    "VARIABLE",
    "Clone",
    "Lock",
    "Record",
    "all_",
    "directory",
    "find",
    "folders",
    "join",
    "locked",
    "new_folder",
    "place",
    "remove",
]

STARTING, UP = "starting", "up"


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

    def read_state(self) -> dict[str, Any]:
        """What was kept for its clients."""
        try:
            memo = json.loads((self.folder / "memo.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # it is written whole: a disk was full, or worse
            return {}
        return dict(memo) if isinstance(memo, dict) else {}

    def write_state(self, memo: dict[str, Any]) -> None:
        """Keep something for its clients."""
        _write(self.folder / "memo.json", memo)

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change what is kept for its clients; ``None`` takes a name away.  What it is then."""
        with locked(self.folder / "memo.lock"):
            kept = self.read_state() | changes
            memo = {name: value for name, value in kept.items() if value is not None}
            self.write_state(memo)
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


def join(folder: Path) -> Lock:
    """Become a client of a lab; the caller holds the lock on all labs."""
    client = Lock(folder / "clients" / os.urandom(4).hex())
    client.take()
    return client


def all_() -> list[Record]:
    """The records of all labs, running or not."""
    return [record for folder in folders() if (record := Record.read(folder))]


def find(instance: str) -> Record | None:
    """The record of a lab by its instance's name."""
    for folder in folders():
        if folder.name.rpartition(".")[0] == instance and (record := Record.read(folder)):
            return record
    return None
