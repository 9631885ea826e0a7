"""``labkernel image remove --all``: all that labkernel keeps and can make again.

The trainee's own course folder and notebooks are not of that kind: they stay.
"""

import contextlib
import os
import shutil
from pathlib import Path

from labkernel import images, resources
from labkernel.cli import nodes
from labkernel.errors import ImageError
from labkernel.progress import OnProgress


def remove_all(on_progress: OnProgress) -> int:
    """Empty the cache, and remove it; gives the bytes that became free.

    :raises ImageError: a lab runs.
    """
    if up := [lab["name"] for lab in nodes.find_running()]:
        raise ImageError(
            f"labs run, and use what would be removed: {', '.join(up)}", "labkernel down --all"
        )
    location = resources.cache()
    before = _size(location)
    _remove_from_virtualbox()
    images.remove_all(on_progress)
    _remove_templates()
    on_progress("removing certificates", None)
    shutil.rmtree(location / "certificates", ignore_errors=True)
    for empty in (location / "run" / "labkernel", location / "run", location):
        with contextlib.suppress(OSError):  # it is not there, or somebody keeps things in it
            empty.rmdir()
    return before - _size(location)


def _remove_from_virtualbox() -> None:
    """Unregister every imported image, and remove the OVAs that were loaded."""
    from labkernel.backends.virtualbox import imports, records, vboxmanage

    bases = sorted((records.base_directory() / "bases").glob("*-*"))
    program = vboxmanage.find()
    for name in {path.name.rpartition("-")[0] for path in bases} if program else ():
        assert program is not None
        imports.remove(vboxmanage.VBoxManage(program), name)
    if not any((records.base_directory() / kind).glob("*") for kind in ("bases", "labs")):
        shutil.rmtree(records.base_directory(), ignore_errors=True)


def _remove_templates() -> None:
    try:
        from labkernel.backends.namespaces import template
    except ImportError:  # where there are no namespaces, there are no templates
        return
    template.remove_all()


def _size(location: Path) -> int:
    """Bytes on disk of what this user can look into."""
    return sum(
        os.lstat(os.path.join(folder, name)).st_blocks * 512  # noqa: PTH118  as os.walk has it
        for folder, _, names in os.walk(location)
        for name in names
    )
