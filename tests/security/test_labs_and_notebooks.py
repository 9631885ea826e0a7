"""A damaged notebook, or a lab whose file is broken, fails alone."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from labkernel import images, labs
from tests.cli.conftest import notebook

pytestmark = [pytest.mark.backend, pytest.mark.timeout(300)]

Run = Callable[..., "subprocess.CompletedProcess[str]"]

_COMMAND = [sys.executable, "-c", "import sys; from labkernel.cli import main; sys.exit(main())"]
_LAB = """
from labkernel import Lab, Node
from labkernel.checks import shows
lab = Lab("{0}", nodes=[Node("one")])
said = shows("one", "echo hello", "hello")
say = lab.step("say", "Say hello", on="one", run="echo hello", check=said, undo="true")
"""
_CELLS = [
    "backend = ''\nrun_steps = False",
    "from labkernel.labs import {0}\nfrom labkernel.notebook import *\nbegin(backend, run_steps)",
    "show({0}.say)",
]
_WHOLE = json.dumps(notebook(_CELLS))
_CELL = '{"cell_type": "code", "metadata": {"tags": 5}, "source": "", "outputs": []}'
_DAMAGED = {
    "truncated": _WHOLE[:200].encode(),
    "empty": b"",
    "brackets": b"[]",
    "five": b'{"cells": 5}',
    "latin": b'{"cells": ["\xe4"]}',
    "deep": b"[" * 100_000,
    "cell": b'{"cells": [5]}',
    "tags": f'{{"cells": [{_CELL}]}}'.encode(),
    "bare": b'{"cells": []}',
    "kernel": _WHOLE.replace("python3", "nothing").encode(),
}
_BROKEN: dict[str, Any] = {
    "syntax": "def (",
    "raises": "1 / 0",
    "exits": "raise SystemExit(0)",
    "helper": "x = 1",
    "number": "lab = 5",
    "latin": b'x = "\xe4"',
    "imports": "import nothing_like_that",
    "leaves": "import os; os._exit(0)",
    "killed": "import os; os.kill(os.getpid(), 9)",
    "faults": "import ctypes; ctypes.string_at(0)",
    "replaced": "import os; os.execv('/bin/true', ['true'])",
    "interrupts": "raise KeyboardInterrupt",
    "cancels": "import asyncio; raise asyncio.CancelledError",
    "base": "raise BaseException('neither nor')",
    "generator": "raise GeneratorExit",
    "dumb": "class Dumb(Exception):\n    def __str__(self): exit()\nraise Dumb",
    "long": "raise ValueError('x' * 10_000_000)",
    "attribute": "def __getattr__(name): raise SystemExit(0)",
    "cells": "x = 1",
    "names": "x = 1",
    "load": "x = 1",
    "notebook": "x = 1",
    "json": "x = 1",
    "control": "raise ValueError('\\x1b]0;owned\\x07')",
    "declares": "from labkernel import Lab, Node\nlab = Lab('declares', [Node('a'), Node('a')])",
}


@pytest.fixture(scope="module", autouse=True)
def base_image() -> None:
    """The image that the nodes are made from."""
    images.build("base")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a lab that is whole, and its notebook."""
    found = tmp_path / "labs"
    found.mkdir()
    add(found, "whole", _WHOLE.replace("{0}", "whole").encode())
    return found


def add(place: Path, name: str, cells: bytes) -> Path:
    """A lab with this notebook; gives that."""
    (place / f"{name}.py").write_text(_LAB.format(name))
    made = place / f"{50 + len([*place.iterdir()])}-{name}.ipynb"
    made.write_bytes(cells)
    return made


@pytest.fixture
def labkernel(place: Path) -> Iterator[Run]:
    """Run a command with the labs of that directory."""
    runtime = tempfile.mkdtemp(prefix="lk")  # sockets want short paths
    kept = Path(runtime, "tmp")  # where the notebooks of those that fail stay
    kept.mkdir()
    environment = os.environ | {"LABKERNEL_LABS": str(place), "XDG_RUNTIME_DIR": runtime}
    environment["TMPDIR"] = str(kept)

    def run(*words: str | bytes) -> "subprocess.CompletedProcess[str]":
        command = [*map(os.fsencode, _COMMAND), *map(os.fsencode, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)

    yield run
    shutil.rmtree(runtime)


def test_damaged_notebooks(labkernel: Run, place: Path, tmp_path: Path) -> None:
    """Of each damaged notebook the row of its lab says which file it is and what is wrong; the
    others run, and the table and the JUnit file are written."""
    notebooks = {name: add(place, name, text) for name, text in _DAMAGED.items()}
    notebooks["fifo"] = add(place, "fifo", b"")
    notebooks["fifo"].unlink()
    os.mkfifo(notebooks["fifo"])
    junit = tmp_path / "junit.xml"
    done = labkernel("run", *notebooks, "whole", "--json", "--junit", str(junit))
    assert done.returncode == 1, done.stderr
    found = {lab["name"]: lab for lab in json.loads(done.stdout)["labs"]}
    assert found.pop("whole")["result"] == "passed"
    for name, lab in found.items():
        assert lab["result"] == "failed"
        assert str(notebooks[name]) in lab["why"]
        assert "Traceback" not in lab["why"]
    suites = ET.parse(junit).getroot()
    assert {suite.get("name") for suite in suites} == {*notebooks, "whole"}


def test_broken_labs(labkernel: Run, place: Path) -> None:
    """Each broken lab is told in one sentence that names its file, by all commands; others run."""
    for name, text in _BROKEN.items():
        (place / f"{name}.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    listed = labkernel("list", "--json")
    found = json.loads(listed.stdout)
    assert listed.returncode == 0
    assert "whole" in [lab["name"] for lab in found["labs"]]
    assert found["broken"].keys() == _BROKEN.keys()
    report = {
        each["name"]: each for each in json.loads(labkernel("doctor", "--json").stdout)["labs"]
    }
    ran = labkernel("run", *_BROKEN, "whole", "--json")
    rows = {lab["name"]: lab for lab in json.loads(ran.stdout)["labs"]}
    assert (ran.returncode, rows["whole"]["result"], report["whole"]["able"]) == (1, "passed", True)
    for name in _BROKEN:
        for why in (found["broken"][name], report[name]["why"], rows[name]["why"]):
            assert why.startswith(str(place / f"{name}.py")), why
            assert why.isprintable()
            assert len(why) < 1000
        assert (report[name]["able"], rows[name]["result"]) == (False, "failed")


def test_a_broken_lab_by_name(labkernel: Run, place: Path) -> None:
    """That a lab is broken is not wrong use: a command on it fails, with a sentence."""
    (place / "syntax.py").write_text("def (")
    for words in (("steps", "syntax"), ("up", "syntax")):
        done = labkernel(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(
            f"labkernel: {place}/syntax.py can't be used as a lab: Syntax"
        )
        assert len(done.stderr.splitlines()) == 1


def test_an_import_that_ends_everything(labkernel: Run, place: Path) -> None:
    """A lab whose import ends the process, by whatever code, or raises what only Ctrl-C raises, is
    told as that by the commands on it."""
    for name, said in (
        ("leaves", "it ends the process that imports it (exit code 0)"),
        ("faults", "it ends the process that imports it (killed by signal 11)"),
        ("interrupts", "it raises KeyboardInterrupt"),
        ("base", "BaseException: neither nor (base.py, line 1)"),
        ("cells", "labkernel.labs has something else by that name. Try: another name"),
    ):
        (place / f"{name}.py").write_text(_BROKEN[name])
        for words in (("up", name), ("do", name, "1"), ("shell", name, "one"), ("steps", name)):
            done = labkernel(*words)
            told = f"labkernel: {place}/{name}.py can't be used as a lab: {said}\n"
            assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "SystemExit(0)"])
def test_a_check_that_ends_the_command(labkernel: Run, place: Path, raised: str) -> None:
    """A check that raises what would end a command without a word is its author's mistake, and told
    as that."""
    check = f"def said(_attempt): raise {raised}"
    (place / "ends.py").write_text(
        _LAB.format("ends").replace('said = shows("one", "echo hello", "hello")', check)
    )
    try:
        done = labkernel("do", "ends", "1")
    finally:
        labkernel("down", "--all")
    (*_, said) = done.stderr.splitlines()
    assert done.returncode == 1
    assert said.split(" is wrong: ")[1].startswith("it ")
    assert "That is a mistake of the lab, not yours. Try: tell its author" in said


def test_a_helper_with_a_name_that_is_taken(labkernel: Run, place: Path) -> None:
    """A file that is only a help for labs is told when its name is not free."""
    (place / "_file.py").write_text("x = 1")
    (place / "_mine.py").write_text("x = 1")
    done = labkernel("steps", "whole")
    assert done.returncode == 0
    assert done.stderr == (
        f"{place}/_file.py can't be used: labkernel.labs has something else by that name. "
        "Try: another name\n"
    )


def test_output_where_it_can_not_be(labkernel: Run, place: Path, tmp_path: Path) -> None:
    """A lab whose pages can't be written fails alone and names the file; nothing half-written is
    there."""
    add(place, "other", _WHOLE.replace("{0}", "other").encode())
    out = tmp_path / "out"
    (out / f"{labs_notebook(place, 'other')}.html" / "x").mkdir(parents=True)
    done = labkernel("run", "other", "whole", "--json", "--out", str(out))
    other, whole = json.loads(done.stdout)["labs"]
    assert (done.returncode, other["result"], whole["result"]) == (1, "failed", "passed")
    assert f"{labs_notebook(place, 'other')}.html" in other["why"]
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def labs_notebook(place: Path, name: str) -> str:
    """The name of a lab's notebook, without its ending."""
    (found,) = place.glob(f"*-{name}.ipynb")
    return found.stem


def test_a_directory_whose_name_is_no_text(labkernel: Run, tmp_path: Path) -> None:
    """Executed notebooks go to any directory: its name need not be UTF-8, nor without braces."""
    out = os.fsencode(tmp_path) + b"/\xff{out}"
    done = labkernel("run", "whole", "--json", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    (lab,) = json.loads(done.stdout)["labs"]
    for kept in (lab["notebook"], lab["page"]):
        assert b"\xff" in os.fsencode(kept)
        assert Path(kept).is_file()
    assert len(os.listdir(out)) == 2  # noqa: PTH208  bytes


def test_cells_of_every_lesson() -> None:
    """What refuses damaged notebooks takes those of the course."""
    for name in labs.names():
        assert labs.cells(labs.notebook(name))
