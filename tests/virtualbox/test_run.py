"""`labkernel run --backend virtualbox`, as people type it: a lab whole, headless, with its report.

VBoxManage is the real one, and every process, the notebook's kernel as well, starts machines in
QEMU: see site/.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel import labs
from labkernel.backends.virtualbox import records
from labkernel.backends.virtualbox.vboxmanage import VBoxManage
from tests.virtualbox.qemu import Qemu
from tests.virtualbox.root import VirtualBox

# long: the contract boots the same machines, and the command line's own tests run labs whole
pytestmark = [
    pytest.mark.backend,
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(1500),
]

_ROOT = Path(__file__).parents[2]
_COMMAND = "import sys; from labkernel.cli import main; sys.exit(main())"


def test_a_lab_as_a_whole(
    virtualbox: VirtualBox, manage: VBoxManage, qemu: Qemu, tmp_path: Path
) -> None:
    """Every step passes on two machines, the report is written, and nothing is left but the
    imported image."""
    temporary, out = tmp_path / "tmp", tmp_path / "report"
    temporary.mkdir()
    environment = os.environ | {
        "PYTHONPATH": f"{Path(__file__).with_name('site')}{os.pathsep}{_ROOT}",
        "LABKERNEL_TEST_QEMU": str(qemu.folder),
        "TMPDIR": str(temporary),
    }
    words = ["run", "--backend", "virtualbox", "--json", "--out", str(out), "start"]
    ended = subprocess.run(
        [sys.executable, "-c", _COMMAND, *words], env=environment, stdout=subprocess.PIPE, text=True
    )
    (lab,) = json.loads(ended.stdout)["labs"]
    assert (ended.returncode, lab["result"], lab["why"]) == (0, "passed", "")
    assert [step["passed"] for step in lab["steps"]] == [True] * len(labs.load("start").steps)
    assert labs.load("start").steps[-1].title in Path(lab["page"]).read_text()
    assert list(temporary.iterdir()) == []
    assert (records.folders(), qemu.running(manage)) == ([], frozenset())
    bases = records.directory() / "bases"
    assert [bases in file.parents for file in manage.machines().values()] == [True]
    assert manage.media("dvds") == {}
