"""Base machines: each image is imported once, and nodes are linked clones of its snapshot.

::

    bases/<image>-<digest>/          VirtualBox's folder of it
        base.json                    its UUID and its snapshot's, once all of it is there
    bases/<image>-<digest>.lock      held by whoever imports
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from labkernel.backends.virtualbox import cleanup, diagnostics, records
from labkernel.backends.virtualbox.vboxmanage import Refused, VBoxManage
from labkernel.errors import BackendError, ImageError
from labkernel.progress import OnProgress

_SNAPSHOT = "imported"
_TAKEN = re.compile(r"UUID: ([0-9a-f-]{36})")
_OWN = re.compile(r'<Machine uuid="\{([0-9a-f-]{36})\}"')


@dataclass(frozen=True)
class Ova:
    """An image as a file that VirtualBox imports.

    :param image: its name.
    :param digest: a text that changes with the image.
    :param fetch: makes the file if need be, below a directory that will go; gives its path.
    :param sha256: what the file's digest must be; empty if it was made just now.
    """

    image: str
    digest: str
    fetch: Callable[[Path], Path]
    sha256: str = ""

    @property
    def name(self) -> str:
        """The name of the base machine."""
        return f"{self.image}-{self.digest}"


@dataclass(frozen=True)
class Base:
    """An imported image.

    :param uuid: the machine's.
    :param snapshot: the UUID of its snapshot.
    :param disk: name, size and time of change (ns) of its disk, which nothing writes to any more.
    """

    uuid: str
    snapshot: str
    disk: Sequence[str | int] = ()


def base(manage: VBoxManage, ova: Ova, on_progress: OnProgress | None = None) -> Base:
    """The base machine of an image, imported now if it was not.

    :raises ImageError: the file is damaged.
    :raises BackendError: VirtualBox does not import it.
    """
    folder = records.directory() / "bases" / ova.name
    with records.locked(folder.with_suffix(".lock")):
        if found := _find(manage, folder):
            return found
        if folder.exists():
            cleanup.take_away(manage, folder, settled=(folder / "base.json").exists())
        if on_progress:
            on_progress(f"{ova.image}: importing it into VirtualBox", None)
        folder.mkdir(mode=0o700)
        try:
            made = _import(manage, ova, folder)
        except BaseException:
            cleanup.take_away(manage, folder)
            raise
        remove(manage, ova.image, but=folder)
        return made


def remove(manage: VBoxManage, image: str, but: Path | None = None) -> None:
    """Unregister the base machines of an image that no lab uses.

    :param but: the folder of one that stays.
    """
    with records.locked():
        used = {uuid for each in records.folders() for uuid in _bases_of(each)}
        for written in (records.base_directory() / "bases").glob("*/base.json"):
            folder = written.parent
            mine = folder.name.rpartition("-")[0] == image and folder != but
            base = _read(folder)
            if mine and base and base.uuid not in used:
                cleanup.take_away(manage, folder)


def _bases_of(folder: Path) -> tuple[str, ...]:
    record = records.Record.read(folder)
    return record.bases if record else ()


def _find(manage: VBoxManage, folder: Path) -> Base | None:
    """The base machine that was imported earlier; ``None`` if it is missing or was changed."""
    found = _read(folder)
    if found is None or list(found.disk) != _disk(folder):
        return None
    try:
        machine = manage.values("showvminfo", found.uuid)
    except Refused:
        return None
    ours = folder in Path(machine["CfgFile"]).parents
    return found if ours and machine.get("SnapshotUUID") == found.snapshot else None


def _read(folder: Path) -> Base | None:
    """Read the record of an imported image; None if it is damaged."""
    try:
        return Base(**json.loads((folder / "base.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _import(manage: VBoxManage, ova: Ova, folder: Path) -> Base:
    file = ova.fetch(folder)
    _verify(file, ova)
    name = f"labkernel-{ova.name}"
    words = ["--vsys", "0", "--vmname", name, "--basefolder", str(folder), "--options"]
    try:
        manage.run("import", str(file), *words, "importtovdi")
    except Refused as error:
        why = diagnostics.in_words(error)
        raise BackendError(f'VirtualBox does not import image "{ova.image}": {why}') from None
    if folder in file.parents:
        file.unlink()
    uuid = _registered(folder)
    taken = _TAKEN.search(manage.run("snapshot", uuid, "take", _SNAPSHOT))
    if taken is None:
        raise BackendError("VBoxManage does not say which snapshot it has taken")
    made = Base(uuid, taken[1], _disk(folder))
    written = folder / "unfinished.json"
    written.write_text(json.dumps(asdict(made)), encoding="utf-8")
    written.replace(folder / "base.json")
    return made


def _disk(folder: Path) -> list[str | int]:
    """The name, size and time of an imported disk, by which a change is detected."""
    for path in folder.rglob("*.vdi"):
        if path.parent.name != "Snapshots":
            status = path.stat()
            return [path.name, status.st_size, status.st_mtime_ns]
    return []


def _registered(folder: Path) -> str:
    """The UUID of the machine in a folder of ours; import does not take one, nor say it."""
    for file in folder.rglob("*.vbox"):
        if found := _OWN.search(file.read_text(encoding="utf-8")):
            return found[1]
    raise BackendError(f"VirtualBox has imported no machine into {folder}")


def _verify(file: Path, ova: Ova) -> None:
    if not ova.sha256:
        return
    try:
        with file.open("rb") as opened:
            seen = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise ImageError(f"{file} can't be read: {error.strerror}") from None
    if seen != ova.sha256:
        raise ImageError(
            f"{file} is damaged: it is not what it was when it was loaded",
            "labkernel image load, with the file that it came from",
        )
