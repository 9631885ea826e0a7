"""A Ceph cluster from nothing, and the size of a directory tree; README.md says what is compared.

``python benchmarks/ceph.py [--json] [--rounds N] [--full] [--only clusters|trees]``
"""

import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from common import HERE, OURS, Report, Target, options, readable, turns

if TYPE_CHECKING:
    from labkernel import RunningLab

TEXTBOOK, MICRO = "textbook", "micro-osd"
DU, FIND = "du", "find"
NODES = {"alpha": "2001:db8::100", "bravo": "2001:db8::101", "charlie": "2001:db8::102"}
#: seconds after which a way has not made its cluster
PATIENCE = 600
POOL = [("lab", 32, "lessons")]
WRITE = """\
seq 1000 > numbers
rados -p lab put numbers numbers && rados -p lab get numbers - | cmp - numbers"""
#: private memory of a node's daemons, by their names, in KiB
MEMORY = """\
for each in $(pgrep '^ceph-'); do
  awk -v name=$(cat /proc/$each/comm) '/^Private/ { sum += $2 } END { print name, sum }' \\
    /proc/$each/smaps_rollup
done"""


def main() -> int:
    parser = options(__doc__, rounds=3)
    parser.add_argument("--full", action="store_true", help="trees of up to 100,000 files: minutes")
    parser.add_argument("--only", choices=("clusters", "trees"))
    given = parser.parse_args()
    from labkernel import images

    images.build("cephfs")
    report = Report("ceph", (OURS, TEXTBOOK, MICRO, DU, FIND))
    if given.only != "trees":
        clusters(report, given.rounds)
    if given.only != "clusters":
        trees(report, given.full, given.rounds)
    report.show(given.json)
    return 0


def new_lab(*names: str) -> "RunningLab":
    """A lab of nodes that have Ceph's programs, and no cluster."""
    from labkernel import Lab, Link, Node, RunningLab
    from labkernel.backends import make

    addresses = {f"{name}:eth0": [f"{NODES.get(name, '2001:db8::1')}/64"] for name in names}
    lab = Lab(
        "bench",
        nodes=[Node(name, image="cephfs", memory=1024) for name in names],
        links=[Link("lan", *addresses, addresses=addresses)],
    )
    return RunningLab(lab, make("namespaces", instance=f"bench-{os.getpid()}", linger=0))


def clusters(report: Report, rounds: int) -> None:
    """From nothing to HEALTH_OK with a clean pool, and an object written and read."""
    moments: dict[str, list[float]] = {}
    ways = {
        OURS: lambda: ours(report, moments),
        TEXTBOOK: lambda: by_script("textbook.sh", "alpha", "bravo", "charlie", "admin"),
        MICRO: lambda: by_script("micro-osd.sh", "alpha", "admin"),
    }
    taken: dict[str, list[float]] = {}
    case = "a cluster"
    for way, seconds in turns(ways, rounds, 2 * PATIENCE, report, case):
        taken.setdefault(way, []).append(seconds)
    report.add(case, taken, [Target(TEXTBOOK, 1 / 10), Target(MICRO, 1 / 3)])
    for what, samples in moments.items():
        report.add(f"… {what}", {OURS: samples})


def ours(report: Report, moments: dict[str, list[float]]) -> float:
    """What the labs begin with; where the time goes is noted."""
    from labkernel.labs._ceph import Cluster, bring_up

    running = new_lab("alpha", "bravo", "charlie", "admin")
    began = time.perf_counter()
    try:
        running.up()
        moments.setdefault("nodes", []).append(time.perf_counter() - began)
        offset = time.perf_counter() - began
        for each in sorted(bring_up(running, Cluster(pools=POOL)), key=lambda moment: moment.at):
            moments.setdefault(each.what, []).append(offset + each.at)
        running.run("admin", WRITE, expect=0)
        seconds = time.perf_counter() - began
        report.missing(OURS, f"memory: {memory(running)}") if not report.notes.get(OURS) else None
    finally:
        running.down()
    return seconds


def memory(running: "RunningLab") -> str:
    """What the daemons have in memory that they share with nobody."""
    found: dict[str, list[int]] = {}
    for node in NODES:
        for line in running.run(node, MEMORY, expect=0).output.splitlines():
            name, kib = line.split()
            found.setdefault(name, []).append(int(kib) // 1024)
    total = sum(sum(each) for each in found.values())
    each = ", ".join(f"{name} {'/'.join(map(str, mib))}" for name, mib in found.items())
    return f"{total} MiB private in all ({each})"


def by_script(name: str, *nodes: str) -> float:
    """A sequence of commands as people type them, `# on NODE` before those of a node."""
    running = new_lab(*nodes)
    began = time.perf_counter()
    try:
        running.up()
        for node, commands in parts((HERE / "ways" / name).read_text()):
            given, before = b"", ""
            if "/tmp/etc.tar" in commands:
                given = running.run("alpha", "tar -cC / etc/ceph | base64 --wrap=0").output.encode()
                before = "base64 -d > /tmp/etc.tar\n"
            running.run(node, before + commands, stdin=given, timeout=PATIENCE, expect=0)
        return time.perf_counter() - began
    finally:
        running.down()


def parts(script: str) -> list[tuple[str, str]]:
    """A script's nodes, each with its commands."""
    found = []
    for part in script.split("\n# on ")[1:]:
        node, _, commands = part.partition("\n")
        found.append((node.strip(), f"set -e\n{commands}"))
    return found


def trees(report: Report, full: bool, rounds: int) -> None:
    """The size of a tree: by one attribute, by du, by find."""
    from labkernel import LabError, RunningLab, labs
    from labkernel.backends import make
    from labkernel.labs import cephfs_rstats
    from labkernel.labs.cephfs_rstats.views.trees import FULL

    backend = make("namespaces", instance=f"bench-{os.getpid()}", linger=0)
    running = RunningLab(labs.load("cephfs-rstats"), backend)
    counts = FULL if full else FULL[:2]
    taken: dict[int, dict[str, list[float]]] = {}
    try:
        running.goto(cephfs_rstats.mount)
        for _ in range(rounds):  # the trees are made in the first
            measured = cephfs_rstats.measure(counts=counts, lab=running, on_files=say())
            for files, seconds in measured.samples.items():
                for way, name in ((OURS, "rstats"), (DU, "du"), (FIND, "find")):
                    taken.setdefault(files, {}).setdefault(way, []).append(seconds[name])
    except LabError as why:
        report.missing(OURS, f"trees: {why}")
    finally:
        running.down()
    for files, samples in taken.items():
        report.add(f"the size of {files:,} files", samples)
        ours, du = median(samples[OURS]), median(samples[DU])
        report.missing(DU, f"{files:,} files: {readable(du)}, {du / ours:,.0f}× ours")


def say() -> Callable[[int, int], None]:
    """The progress of what takes minutes, on standard error."""
    return lambda made, wanted: print(f"{made:,} of {wanted:,} files", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
