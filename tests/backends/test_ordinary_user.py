"""Where root runs the tests, an ordinary user runs those of the backend and of the labs as well."""

import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from labkernel import labs
from tests import ordinary_user

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(600)]

_LABS = Path(__file__).parents[1] / "labs"

_LONGEST = 570  # seconds; beside other tests, on two cores

AsUser = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run_as_user() -> Iterator[AsUser]:
    """Runs Python as an ordinary user who has root's images in a cache of their own."""
    used = {node.image for name in labs.names() for node in labs.load(name).topology.nodes}
    with ordinary_user.home() as home:
        for name in sorted(used):
            ordinary_user.give_image(home, name)
        yield partial(ordinary_user.python, home, timeout=_LONGEST)


@pytest.mark.parametrize(
    "tests",
    [
        "tests/backends/test_namespaces.py",
        "tests/backends/test_namespaces_faults.py",
        "tests/cli/test_nodes.py",
        "tests/cli/test_run.py",
        # one by one: together they take longer than one test may
        *(f"tests/labs/{path.name}" for path in sorted(_LABS.glob("test_*.py"))),
    ],
)
def test_passes_for_an_ordinary_user(run_as_user: AsUser, tests: str) -> None:
    """What root can, an ordinary user can, without root."""
    done = run_as_user("-m", "pytest", "-q", "-p", "no:cacheprovider", tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_notebooks_are_the_same_for_an_ordinary_user(run_as_user: AsUser) -> None:
    """The transcripts that root's run left in the notebooks are an ordinary user's as well."""
    options = ["-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "notebooks"]
    code = "import os, pytest; os.environ['LABKERNEL_AUTO'] = '1'; raise SystemExit(pytest.main("
    done = run_as_user("-c", f"{code}{options}))")
    assert done.returncode == 0, done.stdout + done.stderr
