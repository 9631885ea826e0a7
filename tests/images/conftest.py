"""Real builds, in caches of their own; the base comes from the user's."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel import images, user_namespace
from labkernel.images import recipe as recipe_module

CHECKOUT = Path(__file__).resolve().parents[2]
PR_SET_CHILD_SUBREAPER = 36


def in_namespace(*words: str) -> str:
    """What a command prints that runs as root of a namespace of this user's ids."""
    return subprocess.run(
        user_namespace.command(list(words)), check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@pytest.fixture(scope="session")
def base_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real base, built if it was not, as a file."""
    images.build("base")
    archive = tmp_path_factory.mktemp("base") / "base.tar"
    images.export("base", archive)
    return archive


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory of recipes, which has the base's, and a cache beside it."""
    directory = tmp_path_factory.mktemp("images")
    shutil.copytree(images.find("base").recipe, directory / "recipes/base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe_module, "SHIPPED", directory / "recipes")
        patch.setenv("LABKERNEL_IMAGES", str(directory / "recipes"))  # for other processes
        patch.setenv("XDG_CACHE_HOME", str(directory / "cache"))
        yield directory / "recipes"
    in_namespace("rm", "-rf", "--one-file-system", str(directory / "cache"))


@pytest.fixture
def store(base_archive: Path, recipes: Path) -> Path:
    """The cache of these tests, with the base in it and perhaps what other tests built."""
    if not images.find("base").built:
        images.load(base_archive)
    return recipes.parent / "cache/labkernel/images"


@pytest.fixture
def recipe(recipes: Path) -> Callable[..., Path]:
    """Writes a recipe; a function of its name, image.toml and setup that gives its directory."""

    def write(name: str, toml: str = 'parent = "base"', setup: str = "") -> Path:
        directory = recipes / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        (directory / "image.toml").write_text(f'description = "Test"\ndisk_mb = 1\n{toml}\n')
        if setup:
            (directory / "setup").write_text(setup)
        return directory

    return write


@pytest.fixture
def start_build() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts a build in a process of its own, whose orphans become ours, to wait for."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def start(name: str, *before: str) -> "subprocess.Popen[str]":
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); from labkernel import images\n"
            "try: images.build(sys.argv[2], lambda what, part: print(what, flush=True))\n"
            "except images.ImageError as error: sys.exit(str(error))\n"
            "except KeyboardInterrupt: sys.exit('interrupted')"
        )
        return subprocess.Popen(
            [*before, sys.executable, "-B", "-c", code, str(CHECKOUT), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    yield start
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture
def wait_for_orphans() -> Callable[[], None]:
    """Returns when every process that a killed build had started is gone.

    Children that this process had before, such as a server of other tests, are not waited for.
    """
    others = _children()

    def wait() -> None:
        while orphans := _children() - others:
            for pid in orphans:
                _collect(pid)

    return wait


def _children() -> set[int]:
    """This process's children, those of its other threads too."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for path in lists for pid in path.read_text().split()}


def _collect(pid: int) -> None:
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        # another thread of the tests' has collected it
        return


@pytest.fixture
def in_root() -> Callable[..., str]:
    """Runs a shell script in the directory of an image's layers merged; gives what it prints."""

    def run(image: images.Image, script: str, options: str = "userxattr,") -> str:
        lower = ":".join(str(path) for path in image.layers)
        return in_namespace(
            "unshare", "--net", "--pid", "--fork", "--kill-child", "bash", "-c",
            f"""
            set -eu
            PATH=/usr/sbin:/usr/bin:/sbin:/bin
            mount -t tmpfs tmpfs /mnt
            mkdir /mnt/root /mnt/upper /mnt/work
            options={options}lowerdir={lower},upperdir=/mnt/upper,workdir=/mnt/work
            mount -t overlay overlay -o $options /mnt/root
            cd /mnt/root
            mount -t proc proc proc
            {script}
            """,
        )  # fmt: skip

    return run
