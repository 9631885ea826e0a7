"""The Ceph lab with a node as a VM: its OSD is on the VM's second disk, by emulation as well."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

# long: a VM with Ceph boots by emulation; second disks are the contract's with VMs, OSDs lab 07's
pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.emulated, pytest.mark.long]

_LAB = Path(__file__).with_name("osd_on_a_disk.py")


def test_an_osd_on_the_disk_of_a_vm() -> None:
    """The cluster says that delta's OSD is on a device, and the others on files; taken back, the
    disk is empty again; and made again, the OSD is on it."""
    with tempfile.TemporaryDirectory(prefix="lk") as runtime:
        here = str(_LAB.parents[2])
        environment = os.environ | {
            "LABKERNEL_VMS": "delta",
            "XDG_RUNTIME_DIR": runtime,
            "PYTHONPATH": here,
        }
        words = [sys.executable, str(_LAB), "disk"]
        done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [each.startswith("Passed: ") for each in told["verdicts"]] == [True, True], told
    osds = told["metadata"]
    modes = {number: osd["bluestore_bdev_access_mode"] for number, osd in osds.items()}
    assert modes == {"0": "file", "1": "file", "2": "file", "3": "blk"}
    assert osds["3"]["bluestore_bdev_size"] == str(10 << 30)
    size = f"sda sata {10 << 30}"
    assert told["before"] == {"empty": "/dev/sda", "size": size, "block": ""}
    assert told["made"] == {"empty": "", "size": size, "block": "/dev/sda"}
    assert told["undone"] == told["before"]
