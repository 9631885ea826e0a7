"""How the tests are shared out among workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]

_FILE = """\
import os
import pytest

@pytest.mark.xdist_group({group!r})
@pytest.mark.parametrize("number", range(8))
def test_where(number):
    with open("workers", "a") as file:
        file.write({group!r} + os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_a_group_has_one_worker(tmp_path: Path) -> None:
    """Tests of one group are run by one worker: a lab that they share is started once."""
    for group in ("one", "two"):
        (tmp_path / f"test_{group}.py").write_text(_FILE.format(group=group))
    words = ["-n", "2", "--dist", "loadgroup", "-q", "-p", "no:cacheprovider"]
    subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tmp_path, check=True)
    lines = (tmp_path / "workers").read_text().splitlines()
    assert (len(lines), len(set(lines))) == (16, 2)


def test_what_takes_long_is_left_out() -> None:
    """`make test` runs nothing of the folders that are long as a whole; `make test-long` does."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    words += ["tests/containers", "tests/arm64"]
    environment = {key: value for key, value in os.environ.items() if key != "LABKERNEL_LONG"}
    some = 0 if os.geteuid() == 0 else 5  # no tests collected: who is not root has none of them
    for given, code in (({}, 5), ({"LABKERNEL_LONG": "1"}, some)):
        collected = subprocess.run(
            words, cwd=ROOT, env=environment | given, capture_output=True, check=False
        )
        assert collected.returncode == code, collected.stdout
