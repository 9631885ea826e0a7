"""Recursive statistics of directories, and what size means there."""

from labkernel import Workbench
from labkernel.checks import both, printed
from labkernel.labs.cephfs_rstats.checks.accounting import has, is_sparse, measured
from labkernel.labs.cephfs_rstats.commands.accounting import (
    COMPARE,
    FILL,
    NAMES,
    NO_SPARSE,
    SPARSE,
    WITHOUT,
)
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT
from labkernel.labs.cephfs_rstats.steps.mounting import authorize, make, mount, serve, standby
from labkernel.labs.cephfs_rstats.topology import lab
from labkernel.labs.cephfs_rstats.views.accounting import table

fill = lab.step(
    "fill",
    "Write three files into three homes",
    on="admin",
    run=FILL,
    check=has("home", 31, 3),
    undo=f"rm -r {MOUNT}/home",
)

list_ = lab.step(
    "list",
    "List the homes",
    on="admin",
    run=f"cd {MOUNT}\nls -alh --time-style=+ home",
    check=printed(r" 24M +ann$", "the size of what is in ann's home"),
    wrong=f"ls -h {MOUNT}/home",
)

names = lab.step(
    "names",
    "Read each statistic by its attribute",
    on="admin",
    run=NAMES,
    check=both(
        printed(r"\A(getfattr: .*\n)?each by name:$", "that none is listed"),
        printed(rf"^rbytes {31 << 20}$", "the bytes below home"),
        printed(r"^rentries 8$", "its files and directories, with itself"),
    ),
    wrong=f"getfattr -d -m 'ceph.dir.*' {MOUNT}/home",
    volatile=r"rctime (?P<time>[\d.]+)$",
)

without = lab.step(
    "without",
    "Read the statistics without a mount",
    on="admin",
    run=WITHOUT,
    check=both(
        printed(rf"^rbytes {31 << 20}$", "the bytes below home"),
        printed(r"^rfiles 3$", "its files"),
    ),
    wrong="python3 -c 'import cephfs; print(cephfs.__name__)'",
)

follow = lab.step(
    "follow",
    "Measure the delay of the statistics",
    on="admin",
    run=f"mkdir -p {MOUNT}/lag\nmeasure-lag {MOUNT}/lag",
    check=measured,
    wrong="echo closed-1: 0.1 s",
    timeout=180,
    volatile=r": (?P<time>[\d.]+) s$",
    view=table,
)


def _to_the_statistics(bench: Workbench) -> None:
    """Run the steps before the measurement, without their checks."""
    for step in (make, serve, standby, authorize, mount, fill):
        bench.run(step.on, step.run, expect=0)


lab.shortcut(follow, _to_the_statistics)

sparse = lab.task(
    "sparse",
    "Create a sparse file of 80 TiB",
    on="admin",
    about=f"The disks have 30 GiB together. Make {MOUNT}/home/bob/disk a file of 80 TiB "
    "all the same.",
    solution=SPARSE,
    check=is_sparse,
    undo=NO_SPARSE,
    volatile=r"(?P<early>truncate: .*\n)",
    hint=[
        "A file may have holes: what was never written takes nothing. `truncate -s 80T`.",
        "File too large? The file system has a limit for that: `ceph fs get lab`.",
        "`ceph fs set lab max_file_size 105553116266496`, which is 96 TiB; then `truncate`.",
    ],
)

compare = lab.step(
    "compare",
    "Compare the sizes",
    on="admin",
    run=COMPARE,
    check=both(
        printed(r" 81T +bob$", "the size of what is in bob's home"),
        printed(r"^ceph-fuse +9\.\dG", "what the cluster has room for"),
    ),
    wrong=f"df -h {MOUNT}",
    volatile=r"(?P<room>ceph-fuse +9\.\dG)",
)
