"""The command line as people run it: a process of its own, on labs and a machine of these tests."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labkernel import images

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-c", "import sys; from labkernel.cli import main; sys.exit(main())"]
CELLS = {
    "01-tiny": ["show(tiny.lab)", "show(tiny.say)", "show(tiny.reach)"],
    "02-wrong": ["show(wrong.first)", "show(wrong.second)", "show(wrong.third)"],
    "03-slow": ["show(slow.wait)"],
    "04-partial": ["show(partial.shown)"],
}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session", autouse=True)
def base_image() -> None:
    """The image that the nodes are made from."""
    images.build("base")


@pytest.fixture(scope="session")
def labs_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The labs of these tests, and a notebook for each."""
    directory = tmp_path_factory.mktemp("labs")
    for module in (HERE / "labs").glob("*.py"):
        shutil.copy(module, directory)
    for name, cells in CELLS.items():
        lab = name.partition("-")[2]
        begin = f"from labkernel.labs import {lab}\nfrom labkernel.notebook import begin, show\n"
        sources = ["backend = ''\nrun_steps = False", f"{begin}begin(backend, run_steps)", *cells]
        (directory / f"{name}.ipynb").write_text(json.dumps(notebook(sources)))
    return directory


def notebook(sources: list[str]) -> dict[str, Any]:
    """A notebook of these cells, the first of which takes the parameters."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell{place}",
            "metadata": {"tags": ["parameters"]} if place == 0 else {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for place, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="module")
def runtime_directory() -> Iterator[Path]:
    """A runtime directory of these tests' own; short, since the paths of sockets are bounded."""
    path = Path(tempfile.mkdtemp(prefix="lk"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def environment(labs_directory: Path, runtime_directory: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of the commands: labs, running labs and temporary files of their own."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    return os.environ | {
        "LABKERNEL_LABS": str(labs_directory),
        "XDG_RUNTIME_DIR": str(runtime_directory),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(HERE.parents[1]),
    }


@pytest.fixture
def labkernel(environment: dict[str, str]) -> Run:
    """Run a command to its end."""

    def run(*words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        options: dict[str, Any] = {
            "capture_output": True,
            "text": True,
            "timeout": 120,
            "env": environment,
        }
        options |= {"stdin": subprocess.DEVNULL} | more
        return subprocess.run([*COMMAND, *words], check=False, **options)

    return run


def drained(master: int) -> str:
    """What is printed on a terminal until nobody has it open any more."""
    seen = b""
    while True:
        try:
            seen += os.read(master, 4096)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return seen.decode()
