"""Takes away what is ours and in no use any more: by its UUID in our records, or because its file
is in our directory.  Nothing is found by its name.

VBoxManage may have been killed in the middle of something, or this process.  VirtualBox's server
then goes on by itself for a moment, so an unfinished lab is looked at until nothing more comes.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from labkernel.backends.virtualbox import records
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.backends.virtualbox.records import Record
from labkernel.backends.virtualbox.vboxmanage import Refused, VBoxManage, again, values
from labkernel.errors import BackendError

_BETWEEN_TRIES = 0.2
#: seconds for which VirtualBox may go on with a machine that is to be unregistered
_BUSY = 60.0
#: seconds without anything new after which an unfinished operation is over
_QUIET = 0.6


def tidy(manage: VBoxManage, hypervisor: Hypervisor) -> list[Record]:
    """End the labs that nobody uses any more; gives those that run.

    The caller holds the lock on all labs.
    """
    folders = records.folders()
    running = hypervisor.running(manage) if folders else frozenset()
    alive = []
    for folder in folders:
        record = Record.read(folder)
        if record and is_alive(record, running):
            alive.append(record)
        else:
            end(manage, hypervisor, folder)
    for location in (records.directory() / "bases").iterdir():
        _take_unfinished(manage, location)
    _take_strays(manage, [record.folder for record in alive])
    return alive


def kill(hypervisor: Hypervisor, folder: Path) -> NoReturn:
    """End a lab's machines without VirtualBox's server; what that knows of them goes when a lab is
    next listed, started or ended.

    :raises BackendError: always: what was done, and what to try.
    """
    record = Record.read(folder)
    for clone in record.clones if record else ():
        hypervisor.kill(clone.uuid)
    raise BackendError(
        "VirtualBox's server (VBoxSVC) does not answer. The lab's machines were ended, and are "
        "unregistered by the next labkernel status that it answers",
        "end VBoxSVC",
    )


def is_alive(record: Record, running: Iterable[str]) -> bool:
    """Check if a lab runs, and has a client or is within its linger time."""
    if record.has_clients():
        return record.stage == records.STARTING or _runs(record, running)
    return record.stage == records.UP and _runs(record, running) and record.idle() < record.linger


def _runs(record: Record, running: Iterable[str]) -> bool:
    return {clone.uuid for clone in record.clones} <= set(running)


def _take_unfinished(manage: VBoxManage, location: Path) -> None:
    """Take away an import that did not come to its end, if nobody is at it."""
    lock = records.Lock(location.with_suffix(".lock"))
    if not location.is_dir() or not lock.try_():
        return
    try:
        if not (location / "base.json").exists():
            take_away(manage, location, settled=False)
    finally:
        lock.release()


def _take_strays(manage: VBoxManage, alive: list[Path]) -> None:
    """Remove machines that VirtualBox's server finished after their folder was removed."""
    ours = records.directory()
    kept = [*alive, *(path for path in (ours / "bases").iterdir() if path.is_dir())]
    for uuid, file in manage.machines().items():
        if _inside(file, ours) and not any(_inside(file, location) for location in kept):
            unregister(manage, uuid, ours)
    _close_media(manage, ours, kept)


def end(manage: VBoxManage, hypervisor: Hypervisor, folder: Path) -> None:
    """End a lab, whatever has become of it: its machines, then its folder."""
    record = Record.read(folder)
    clones = record.clones if record else ()
    for clone in clones:
        hypervisor.stop(manage, clone.uuid)
    for clone in clones:
        unregister(manage, clone.uuid, folder)
    settled = record is not None and record.stage == records.UP
    take_away(manage, folder, settled=settled)


def take_away(manage: VBoxManage, location: Path, *, settled: bool = True) -> None:
    """Unregister every machine and medium whose file is in a folder of ours, and remove it.

    :param settled: whether nothing can be going on there any more.
    """
    quiet_since = time.monotonic()
    while True:
        if _take_once(manage, location):
            quiet_since = time.monotonic()
        if settled or time.monotonic() - quiet_since > _QUIET:
            break
        time.sleep(_BETWEEN_TRIES)  # VirtualBox tells nobody when it comes to an end
    records.remove(location)


def _take_once(manage: VBoxManage, location: Path) -> bool:
    """Remove the machines and media in a folder; returns true if there were any."""
    machines = [uuid for uuid, file in manage.machines().items() if _inside(file, location)]
    for uuid in machines:
        unregister(manage, uuid, location)
    return _close_media(manage, location, []) or bool(machines)


def _close_media(manage: VBoxManage, location: Path, kept: list[Path]) -> bool:
    closed = False
    for kind, medium in (("hdds", "disk"), ("dvds", "dvd")):
        found = manage.media(kind)
        # differencing disks come after their parents
        for uuid, file in reversed(found.items()):
            if _inside(file, location) and not any(_inside(file, each) for each in kept):
                closed = True
                patiently(manage, "closemedium", medium, uuid)
    return closed


def unregister(manage: VBoxManage, uuid: str, location: Path) -> None:
    """Unregister a machine and delete its files, unless it is gone already.

    :param location: the folder of ours in which its file must be.  One that is elsewhere stays: it
        was moved, so somebody wants it.
    """
    message = patiently(manage, "showvminfo", uuid, "--machinereadable")
    if not _inside(Path(values(message).get("CfgFile", "")), location):
        return
    try:
        patiently(manage, "unregistervm", uuid, "--delete")
    except Refused:
        # a damaged disk it does not delete, but the machine is gone: the file goes with our folder
        if uuid in manage.machines():
            raise


def patiently(manage: VBoxManage, *words: str) -> str:
    """Run VBoxManage, again while the machine or the medium is locked.

    Returns its output; empty if there is no such machine or medium (any more).
    """

    def is_held(error: Refused) -> bool:
        return error.busy and not error.unknown

    try:
        return again(lambda: manage.run(*words), is_held, _BUSY)
    except Refused as error:
        if not error.unknown:
            raise
        return ""


def _inside(file: Path, location: Path) -> bool:
    return location in file.parents
