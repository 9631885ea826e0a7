"""Where root runs the tests, an ordinary user runs those of the backend, and every lab, as well."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkernel import images, labs
from labkernel.vm.shape import Shape
from tests import ordinary_user

if TYPE_CHECKING:
    import subprocess

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(600)]

_NOTEBOOKS = [labs.notebook(name) for name in ordinary_user.LABS]

_LONGEST = 570  # seconds; beside other tests, on two cores

AsUser = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The home of an ordinary user with whom root shares the images that the tests' nodes are made
    from, and who has the template of the contract's VM and the command line's."""
    with ordinary_user.home() as path:
        ordinary_user.share_images(path, "vm", "web", "docker")
        shape = Shape.of(images.find("vm"), 256, 2, nested=False, disk=1)
        ordinary_user.give_template(path, shape)
        yield path


@pytest.fixture(scope="module")
def run_as_user(home: Path) -> AsUser:
    """Runs Python as that user."""
    return partial(ordinary_user.python, home, timeout=_LONGEST)


@pytest.fixture(scope="module")
def run_with_every_image() -> Iterator[AsUser]:
    """Runs Python as an ordinary user with whom root shares the images of every lab."""
    nodes = [node for name in ordinary_user.LABS for node in labs.load(name).topology.nodes]
    with ordinary_user.home() as path:
        ordinary_user.share_images(path, *{node.image for node in nodes})
        for node in nodes:
            if node.kernel:
                shape = Shape.of(images.find(node.image), node.memory, 0, nested=False)
                ordinary_user.give_template(path, shape)
        yield partial(ordinary_user.python, path, timeout=_LONGEST)


@pytest.mark.parametrize(
    "tests",
    [
        "tests/backends/test_namespaces.py",
        "tests/backends/test_namespaces_faults.py",
        "tests/cli/test_nodes.py",
        "tests/cli/test_run.py",
        "tests/labs/test_engine.py",
        "tests/security/test_nodes.py",
        "tests/security/test_standing_still.py",
        "tests/security/test_system_calls.py",
    ],
)
def test_passes_for_an_ordinary_user(run_as_user: AsUser, tests: str) -> None:
    """What root can, an ordinary user can, without root."""
    done = run_as_user("-m", "pytest", "-q", "-p", "no:cacheprovider", tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_vm_nodes_for_an_ordinary_user(home: Path, run_as_user: AsUser) -> None:
    """Where the device for taps is open to all, an ordinary user has VM nodes as root has."""
    vms = home / ".cache" / "labkernel" / "vms"
    given = sorted(path for path in vms.iterdir() if path.is_dir())
    tests = "identity or links or declared_addresses or cable or no_way_out or vm_that_is_killed"
    file = "tests/backends/test_vm_nodes.py::TestVm"
    done = run_as_user("-m", "pytest", "-q", "-p", "no:cacheprovider", file, "-k", tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path for path in vms.iterdir() if path.is_dir()) == given  # none was booted anew


@pytest.mark.xdist_group("notebooks-of-an-ordinary-user")
@pytest.mark.parametrize("path", _NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_the_same_for_an_ordinary_user(
    run_with_every_image: AsUser, path: Path
) -> None:
    """The transcripts that root's run left in a notebook are an ordinary user's as well."""
    notebook = f"notebooks/{path.name}"
    options = ["-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", notebook]
    code = "import os, pytest; os.environ['LABKERNEL_AUTO'] = '1'; raise SystemExit(pytest.main("
    done = run_with_every_image("-c", f"{code}{options}))")
    assert done.returncode == 0, done.stdout + done.stderr
