"""labkernel installed from its wheel, with no checkout anywhere."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkernel import images, labs

ROOT = Path(__file__).parents[2]
Installed = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = [pytest.mark.backend, pytest.mark.slow]


def run(*words: str | Path, **more: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command that must end well."""
    done = subprocess.run(words, capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel of this checkout, and that of its sdist."""
    made: list[Path] = []
    for targets, source in ((("wheel",), ROOT), (("sdist",), ROOT), (("wheel",), None)):
        out = tmp_path_factory.mktemp("dist")
        build = source or _unpacked(made.pop(), out)
        words = [word for target in targets for word in ("-t", target)]
        run(sys.executable, "-m", "hatchling", "build", *words, "-d", out / "made", cwd=build)
        (found,) = (out / "made").iterdir()
        made.append(found)
    return made[0], made[1]


def _unpacked(sdist: Path, place: Path) -> Path:
    run("tar", "-xf", sdist, "-C", place)
    (found,) = place.iterdir()
    return found


@pytest.fixture(scope="module")
def environment(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel, and its dependencies from this one."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    ours = sysconfig.get_path("purelib")  # a .pth in it is not read: this checkout stays unknown
    paths = {"base": str(place), "platbase": str(place)}
    Path(sysconfig.get_path("purelib", vars=paths), "dependencies.pth").write_text(ours)
    return place


def _files(place: Path) -> set[str]:
    """What is there, but for directories, the cache of Python, and uv's own lock."""
    found = [path for path in place.rglob("*") if path.is_symlink() or path.is_file()]
    return {str(each) for each in found if "__pycache__" not in each.parts} - {f"{place}/.lock"}


@pytest.fixture(scope="module")
def before(environment: Path) -> set[str]:
    """What is in the environment without labkernel."""
    return _files(environment)


@pytest.fixture(scope="module")
def labkernel(before: set[str], environment: Path, wheels: tuple[Path, Path]) -> Installed:
    """Its command, in a directory that has nothing."""
    _uv("install", "--no-deps", "--offline", str(wheels[0]), environment=environment)
    elsewhere = environment.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return lambda *words: run(environment / "bin/labkernel", *words, cwd=elsewhere, env=clean)


def _uv(*words: str, environment: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    run(uv, "pip", words[0], "--python", environment / "bin/python", *words[1:])


def test_an_sdist_gives_the_same_wheel(wheels: tuple[Path, Path]) -> None:
    """Whoever installs from the sdist gets the files that those get who install from a checkout."""
    first, second = (
        {each.filename: each.CRC for each in zipfile.ZipFile(wheel).infolist()} for wheel in wheels
    )
    assert first == second


def test_nothing_of_ours_replaces_others(wheels: tuple[Path, Path]) -> None:
    """Beside the package, the wheel brings files that are called after labkernel alone."""
    names = zipfile.ZipFile(wheels[0]).namelist()
    outside = [name for name in names if not name.startswith(("labkernel/", "labkernel-"))]
    data = [name for name in names if ".data/" in name]
    assert outside == []
    assert data
    assert all("/labkernel" in name.partition(".data/")[2] for name in data)


def test_it_has_the_whole_course(labkernel: Installed) -> None:
    """Labs, notebooks and recipes are those of the checkout, and so are images that are built."""
    told = json.loads(labkernel("list", "--json").stdout)
    assert told["broken"] == {}
    assert [lab["name"] for lab in told["labs"]] == labs.names()
    assert not [lab["notebook"] for lab in told["labs"] if str(ROOT) in lab["notebook"]]
    found = json.loads(labkernel("image", "list", "--json").stdout)["images"]
    assert {each["name"]: each["digest"] for each in found} == {
        each.name: each.digest for each in images.all_images()
    }


def test_a_lab_runs(labkernel: Installed) -> None:
    """A lab's notebook runs headless, and its steps pass."""
    images.build("base")
    assert "start" in labkernel("run", "start").stdout


def test_nothing_is_left(labkernel: Installed, environment: Path, before: set[str]) -> None:
    """Once it is uninstalled, the environment has the files that it had before."""
    _uv("uninstall", "labkernel", environment=environment)
    assert _files(environment) == before
