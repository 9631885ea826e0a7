"""What builds the first lab's image while .venv is made: by a Python that has no packages."""

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel import images

ROOT = Path(__file__).parents[2]
ALONE = [sys.executable, "-I", "-S"]


def test_images_need_the_standard_library_alone() -> None:
    """What builds images is imported without any package, labkernel's own and Python's apart."""
    names = [f"labkernel.images.{each.name}" for each in pkgutil.iter_modules(images.__path__)]
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {', '.join(names)}"
    subprocess.run([*ALONE, "-c", code], check=True)


def first_image(cache: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """The script, with a cache of its own."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)} | more
    script = [*ALONE, "-B", str(ROOT / "scripts/first_image.py")]
    return subprocess.run(
        script, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("mirror", ["http://127.0.0.1:1/debian", "no mirror at all"])
def test_without_a_mirror(mirror: str, tmp_path: Path) -> None:
    """Where nobody answers, or the setting is wrong, it ends at once, without a word and without
    anything built: `labkernel open` says why."""
    done = first_image(tmp_path, LABKERNEL_MIRROR=mirror)
    assert (done.stdout, done.stderr) == ("", "")
    assert not list(tmp_path.rglob("base-*"))
