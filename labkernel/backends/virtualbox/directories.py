"""The directory of ours alone that all files of this backend are in.

::

    $LABKERNEL_VIRTUALBOX, else $XDG_CACHE_HOME/labkernel/virtualbox/
        lock                        held by whoever looks through labs/ or changes what is in it
        bases/<digest>/             an imported image, see imports.py
        labs/<instance>.<random>/   one running lab
            lab.json                see Record
            state.json               what the lab keeps for its clients
            clients/<random>        one per client, locked for as long as that lives
            machines/               VirtualBox's folder of the lab's machines
            key, known_hosts        for ssh
            <node>.iso, <node>.console
"""

import os
import shutil
from pathlib import Path

from labkernel import resources
from labkernel.errors import BackendError

#: names another directory, where there is more room
VARIABLE = "LABKERNEL_VIRTUALBOX"


def base_directory() -> Path:
    """The path of the backend's directory, which may not exist."""
    given = os.environ.get(VARIABLE, "")
    return (Path(given) if given else resources.cache() / "virtualbox").resolve()


def directory() -> Path:
    """The backend's directory, made with mode 0700."""
    path = base_directory()
    for each in (path, path / "labs", path / "bases"):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_ours(path)
    return path


def _require_ours(path: Path) -> None:
    if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
        raise BackendError(f"{path} belongs to another user", "LABKERNEL_VIRTUALBOX=$(mktemp -d)")


def new_folder(instance: str) -> Path:
    """A directory for a lab that is about to start; the caller holds the lock on all labs."""
    folder = directory() / "labs" / f"{instance}.{os.urandom(4).hex()}"
    for each in (folder, folder / "clients", folder / "machines"):
        each.mkdir(mode=0o700)
    return folder


def folders() -> list[Path]:
    """The directory of every lab, running or not."""
    return sorted(path for path in (base_directory() / "labs").glob("*") if path.is_dir())


def remove(folder: Path) -> None:
    """Remove a directory of ours; VirtualBox may still be writing to it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        shutil.rmtree(folder)
