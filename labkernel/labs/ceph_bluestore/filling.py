"""Disks that are full, and a cluster that takes no more writes."""

from labkernel.checks import both, printed
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore import commands, growing, osds
from labkernel.labs.ceph_bluestore.topology import lab

fill = lab.step(
    "fill",
    "Have the disks be full",
    on="admin",
    run=commands.FILL,
    check=both(printed(r"^no answer$", "that none came in time"), growing.full),
    undo=commands.EMPTY,
    observe=[CLUSTER],
    exits=None,
)

empty = lab.task(
    "empty",
    "Have the cluster take writes again",
    on="admin",
    about="Nobody can write. Here it is the ratios that are wrong: set them to what they were.",
    solution=commands.RATIOS,
    check=both(growing.writable, osds.is_healthy),
    undo=commands.FILL + "; true",
    observe=[CLUSTER],
    hint=[
        "`ceph osd dump | grep ratio` shows all three; `ceph health detail` what comes of them.",
        "They are set as in the step before. What are the values that Ceph comes with?",
        "0.85 for nearfull, 0.90 for backfillfull, 0.95 for full.",
    ],
)
