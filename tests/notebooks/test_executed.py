"""The notebooks executed headless on real nodes: what they teach is still so."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labkernel import images, labs
from tests import ordinary_user

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OF_ORDINARY_USER = [labs.notebook(name) for name in ordinary_user.LABS if os.geteuid() == 0]
WITH_CEPH = [
    labs.notebook(name)
    for name in labs.names()
    if {"ceph", "cephfs"} & {node.image for node in labs.load(name).topology.nodes}
]
STRICT = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "--timeout=600", "-q"]

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(900)]


def nbval(*paths: Path) -> "subprocess.CompletedProcess[str]":
    """Execute notebooks and compare every output with the one that is saved."""
    command = [sys.executable, "-m", "pytest", *STRICT, "-p", "no:cacheprovider", *map(str, paths)]
    environment = {**os.environ, "LABKERNEL_AUTO": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)


def papermill(path: Path, out: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Execute a notebook with parameters, as `labkernel run` does.

    :param more: variables of its environment.
    """
    command = [sys.executable, "-m", "papermill", str(path), str(out), "-p", "run_steps", "True"]
    kept = {key: text for key, text in os.environ.items() if key != "LABKERNEL_AUTO"}
    environment = kept | more
    return subprocess.run(command, env=environment, text=True, capture_output=True)


WITH_VMS = [
    labs.notebook(name)
    for name in labs.names()
    if any(node.kernel for node in labs.load(name).topology.nodes)
]


def _marked(path: Path) -> Any:
    marks = [pytest.mark.xdist_group(path.name)]
    marks += [pytest.mark.long] if path in OF_ORDINARY_USER else []
    marks += [pytest.mark.emulated] if path in WITH_VMS else []
    # four minutes each by emulation; the third lab with VMs takes one
    slow = [labs.notebook(name) for name in ("bonding", "nested-kvm")]
    marks += [pytest.mark.rare] if path in slow else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [_marked(path) for path in NOTEBOOKS])
def test_the_same_again(path: Path) -> None:
    """A notebook gives its committed outputs, and gives them again.

    Where root runs the tests, an ordinary user's run is the other (tests/backends); unless there is
    time, it is the only one: every step was run by root to prove its check.
    """
    for turn in ("first", "second") if os.geteuid() else ("first",):
        done = nbval(path)
        assert done.returncode == 0, f"{turn} run:\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=pytest.mark.xdist_group(f"later-{path.stem}"))
        for path in WITH_CEPH
    ],
)
@pytest.mark.rare
def test_with_a_later_ceph(path: Path, tmp_path: Path) -> None:
    """A lab of Ceph's runs to its end on the Ceph of a later Debian as well."""
    for image in ("ceph-next", "cephfs-on-ceph-next"):
        images.build(image)
    done = papermill(path, tmp_path / "out.ipynb", LABKERNEL_IMAGE_OVERRIDE="ceph-next")
    assert done.returncode == 0, done.stderr


def test_a_changed_output_is_found(tmp_path: Path) -> None:
    """The comparison bites: one changed word in a saved transcript fails."""
    notebook = nbformat.read(ROOT / "notebooks" / "00-start.ipynb", 4)
    ping = next(cell for cell in notebook.cells if cell.get("id") == "ping")
    data = ping.outputs[0].data
    data["text/plain"] = data["text/plain"].replace("3 received", "2 received")
    path = tmp_path / "00-start.ipynb"
    nbformat.write(notebook, path)
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    done = nbval(path)
    assert done.returncode == 1
    assert "2 received" in done.stdout


def test_papermill_passes(tmp_path: Path) -> None:
    """With the parameter `run_steps`, papermill runs a notebook to its end."""
    done = papermill(ROOT / "notebooks" / "00-start.ipynb", tmp_path / "out.ipynb")
    assert done.returncode == 0, done.stderr


def test_papermill_fails_with_the_lab(tmp_path: Path) -> None:
    """A check that fails ends papermill with exit code 1; the saved notebook shows why."""
    notebook = nbformat.read(ROOT / "notebooks" / "00-start.ipynb", 4)
    cell = next(cell for cell in notebook.cells if cell.get("id") == "ping")
    cell.source = (
        "from labkernel import running_lab\n"
        'running_lab("start").run("bravo", "ip link set eth0 down")\n'
        "show(start.ping)"
    )
    nbformat.write(notebook, tmp_path / "broken.ipynb")
    out = tmp_path / "out.ipynb"
    done = papermill(tmp_path / "broken.ipynb", out)
    assert done.returncode == 1
    saved = nbformat.read(out, 4)
    shown, error = next(cell for cell in saved.cells if cell.get("id") == "ping").outputs
    assert "Failed: alpha: `ping -c 3 -i 0.2 2001:db8::2` failed" in shown.data["text/plain"]
    assert error.ename == "CommandFailed"
    assert len(error.traceback) == 1
    after = saved.cells[-2]
    assert after.get("execution_count") is None
