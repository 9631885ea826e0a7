"""For tests that root runs: what an ordinary user has, and can."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkernel import images, labs
from labkernel.backends.namespaces import template
from labkernel.vm.shape import Shape
from tests import as_user

# VMs would take an ordinary user as long again, and those on links need taps, which many a host
# leaves to root: one lab of one VM without links will do, and a test of the backend for the taps
LABS = [
    name
    for name in labs.names()
    if name == "nixos" or not any(node.kernel for node in labs.load(name).topology.nodes)
]


@contextmanager
def home() -> Iterator[Path]:
    """The home of an ordinary user, with a cache of images of its own."""
    # socket paths stay under 107 characters only below a short folder
    path = Path(tempfile.mkdtemp(prefix="lk"))
    try:
        os.chown(path, as_user.UID, as_user.UID)
        yield path
    finally:
        shutil.rmtree(path)


def python(
    home: Path, *arguments: str, timeout: float | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run Python as that user, in the checkout."""
    words = [sys.executable, as_user.__file__, str(home), f"{as_user.CHECKOUT}/.venv/bin/python"]
    return subprocess.run(
        [*words, *arguments], capture_output=True, text=True, timeout=timeout, check=False
    )


def give_images(home: Path, *names: str) -> None:
    """Have root's images of those names in the user's cache."""
    archive = home / "images.tar"
    for name in names:
        images.build(name)
    images.export(names, archive)
    archive.chmod(0o644)
    done = python(home, "-c", f"from labkernel import images; images.load({str(archive)!r})")
    assert done.returncode == 0, done.stdout + done.stderr
    archive.unlink()


def share_images(home: Path, *names: str) -> None:
    """Have root share its images with that user, as it does with a class."""
    for name in names:
        images.build(name)
    (home / as_user.SHARES).touch()


def give_template(home: Path, shape: Shape) -> None:
    """Have root's template of a VM in the user's cache: to boot
    one a second time takes a minute."""
    found = template.ready(shape, lambda *_: None)
    place = home / ".cache" / "labkernel" / "vms"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    subprocess.run(["cp", "-r", "--sparse=always", found.folder, place], check=True)
    os.close(found.held)
    for path in (place.parent.parent, place.parent, place, *place.rglob("*")):
        os.chown(path, as_user.UID, as_user.UID)
