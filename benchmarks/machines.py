"""A lab with a VM node, from ``up()`` to the answer of a command, beside a VM that boots.

``python benchmarks/machines.py [--json] [--rounds N]``; what is compared is in README.md.
"""

import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from common import OURS, Missing, Report, Target, options, turns

if TYPE_CHECKING:
    from collections.abc import Callable

BOOT = "QEMU that boots"
TARGETS = (Target(BOOT, 0.5),)


def main() -> int:
    parser = options(__doc__, rounds=3)
    given = parser.parse_args()
    report = Report("machines", (OURS, BOOT))
    samples: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="machines-") as folder:
        ways: dict[str, Callable[[], float]] = {
            OURS: _restored,
            BOOT: partial(_booted, _disk(Path(folder))),
        }
        _restored()  # makes the template, if there is none yet
        for way, seconds in turns(ways, given.rounds, 600, report, "answer"):
            samples.setdefault(way, []).append(seconds)
    report.add("answer", samples, TARGETS)
    report.show(given.json)
    return 0


def _restored() -> float:
    """The first start makes the template: it is not among the samples."""
    from labkernel import Lab, Node, RunningLab

    lab = Lab("machines", [Node("alpha", image="vm", kernel=True, memory=256)])
    name = f"machines-{os.getpid()}"
    running = RunningLab(lab, "namespaces", instance=name, options={"linger": 0})
    began = time.perf_counter()
    with running:
        if not running.run("alpha", ["true"]).ok:
            raise Missing("the VM does not answer")
        return time.perf_counter() - began


def _disk(folder: Path) -> Path:
    from labkernel import images, vm

    images.build("vm")
    path = folder / "vm.qcow2"
    vm.export("vm", path)
    return path


def _booted(disk: Path) -> float:
    from labkernel.vm.seed import Keys, Seed
    from tests.vm.machine import Machine

    seed = Seed("alpha", Keys.new())
    began = time.perf_counter()
    with Machine(disk, seed, memory=256) as machine:
        machine.connect(within=500)
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
