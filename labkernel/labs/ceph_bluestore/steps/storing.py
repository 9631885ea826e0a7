"""A pool, and an object that is written to it and read."""

from labkernel.checks import both, printed
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore.checks.storing import is_healthy, keeps, pooled
from labkernel.labs.ceph_bluestore.commands.joining import make_pool
from labkernel.labs.ceph_bluestore.commands.storing import NO_POOL, POOL, WRITE
from labkernel.labs.ceph_bluestore.topology import lab

pool = lab.task(
    "pool",
    "Create a pool",
    on="admin",
    about="Make a pool `lab` with 32 placement groups, say what it is for (any name will do), and "
    "have its placement groups active+clean.",
    solution=POOL,
    check=both(pooled, is_healthy),
    undo=NO_POOL,
    hint=[
        "`ceph osd pool create` makes it; `ceph health detail` then tells what is missing.",
        "A pool is for an application: cephfs, rbd, rgw, or whatever you call yours.",
        "`ceph osd pool create lab 32`, then `ceph osd pool application enable lab lessons`.",
    ],
    observe=[CLUSTER],
)

lab.shortcut(pool, make_pool)

look = lab.step(
    "look",
    "Show the cluster's status",
    on="admin",
    run="ceph -s",
    check=printed(r"health: HEALTH_OK$", "the cluster's health"),
    wrong="ceph osd pool ls detail",
    volatile=r"(?:age|since) (?P<dur>[\w.]+)|usage: +(?P<usage>.*)$",
)

write = lab.step(
    "write",
    "Write an object and read it back",
    on="admin",
    run=WRITE,
    check=both(printed(r"^the same$", "that it is what was written"), keeps("numbers")),
    undo="rados -p lab rm numbers",
    volatile=r"osdmap e(?P<n>\d+)",
)
