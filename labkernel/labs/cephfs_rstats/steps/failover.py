"""A metadata server that dies, and the standby that takes over."""

from labkernel.checks import both
from labkernel.labs.cephfs_rstats.checks.accounting import has
from labkernel.labs.cephfs_rstats.checks.mounting import is_active, stands_by
from labkernel.labs.cephfs_rstats.commands.failover import KILL, NO_STANDBY, wait_for_standby
from labkernel.labs.cephfs_rstats.topology import lab

kill = lab.step(
    "kill",
    "Kill the active metadata server",
    on="alpha",
    run=KILL,
    check=both(is_active("bravo", alone=True), has("home/carol", 1, 1)),
    undo="ceph-mds -i alpha\n" + wait_for_standby("alpha"),
)

revive = lab.task(
    "revive",
    "Restore the standby",
    on="alpha",
    about="mds.bravo has taken over; if it died now, nobody would be left.",
    solution="ceph-mds -i alpha",
    check=stands_by,
    undo=NO_STANDBY,
    hint=[
        "`ceph health detail` says what is missing.",
        "Its key and its directory are still there; what it knew is in the pool lab.meta.",
        "`ceph-mds -i alpha`, on alpha.",
    ],
)
