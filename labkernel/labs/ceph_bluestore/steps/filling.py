"""Full OSDs, and a cluster that accepts no more writes."""

from labkernel.checks import both, printed
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore.checks.filling import full, writable
from labkernel.labs.ceph_bluestore.checks.storing import is_healthy
from labkernel.labs.ceph_bluestore.commands.filling import EMPTY, FILL, RATIOS
from labkernel.labs.ceph_bluestore.topology import lab

fill = lab.step(
    "fill",
    "Make the OSDs full by lowering the ratios",
    on="admin",
    run=FILL,
    check=both(printed(r"^no answer$", "that none came in time"), full),
    undo=EMPTY,
    observe=[CLUSTER],
    exits=None,
)

empty = lab.task(
    "empty",
    "Make the cluster writable again",
    on="admin",
    about="Nobody can write. Here it is the ratios that are wrong: set them to what they were.",
    solution=RATIOS,
    check=both(writable, is_healthy),
    undo=FILL + "; true",
    observe=[CLUSTER],
    hint=[
        "`ceph osd dump | grep ratio` shows all three; `ceph health detail` what comes of them.",
        "They are set as in the step before. What are the values that Ceph comes with?",
        "0.85 for nearfull, 0.90 for backfillfull, 0.95 for full.",
    ],
)
