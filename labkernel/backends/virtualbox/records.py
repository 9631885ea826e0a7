"""The records of running labs on disk; see directories.py for the paths.

A machine is ours if a record has its UUID, or if its file is in our directory; its name does not
matter.  This module uses nothing that only Linux has.
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
    base_directory,
    directory,
    folders,
    new_folder,
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
    "base_directory",
    "directory",
    "find",
    "folders",
    "join",
    "locked",
    "new_folder",
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
        entry = asdict(self) | {"folder": None}
        _write(self.folder / "lab.json", entry)

    def with_clone(self, clone: Clone) -> "Record":
        """The record with one more machine, or with one that has changed; written."""
        clones = {each.node: each for each in self.clones} | {clone.node: clone}
        changed = replace(self, clones=tuple(clones.values()))
        changed.write()
        return changed

    @classmethod
    def read(cls, folder: Path) -> "Record | None":
        """Read the record in a lab's directory; None if there is no valid one."""
        try:
            data = json.loads((folder / "lab.json").read_text(encoding="utf-8"))
            clones = tuple(Clone(**each) for each in data.pop("clones"))
            bases = tuple(data.pop("bases"))
            return cls(**(data | {"folder": folder, "clones": clones, "bases": bases}))
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

    def description(self, *, answers: bool) -> dict[str, Any]:
        """The description of the lab for lists of running labs.

        :param answers: whether VirtualBox's server answers.
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
        """Check if a process uses the lab."""
        return any(_is_held(path) for path in (self.folder / "clients").glob("*"))

    def read_state(self) -> dict[str, Any]:
        """The values that the lab stores for its clients."""
        try:
            state = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # writes are atomic: the disk was full, or worse
            return {}
        return dict(state) if isinstance(state, dict) else {}

    def write_state(self, state: dict[str, Any]) -> None:
        """Keep something for its clients."""
        _write(self.folder / "state.json", state)

    def update_state(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change what is kept for its clients; ``None`` takes a name away.  What it is then."""
        with locked(self.folder / "state.lock"):
            kept = self.read_state() | changes
            state = {name: value for name, value in kept.items() if value is not None}
            self.write_state(state)
        return state


def _is_held(path: Path) -> bool:
    lock = Lock(path)
    if not lock.try_():
        return True
    lock.release()
    return False


def _write(path: Path, entry: dict[str, Any]) -> None:
    new = path.with_suffix(f".{os.urandom(4).hex()}")
    new.write_text(json.dumps(entry, indent=1), encoding="utf-8")
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
