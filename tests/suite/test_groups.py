"""How the tests are shared out among workers."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

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
