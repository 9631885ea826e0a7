"""A metadata server that dies, and the standby that takes over."""

from labkernel.checks import both
from labkernel.labs.cephfs_rstats import commands, serving, using
from labkernel.labs.cephfs_rstats.topology import lab

kill = lab.step(
    "kill",
    "Kill the active metadata server",
    on="alpha",
    run=commands.KILL,
    check=both(serving.is_active("bravo", alone=True), using.has("home/carol", 1, 1)),
    undo="ceph-mds -i alpha\n" + commands.wait_for_standby("alpha"),
)

revive = lab.task(
    "revive",
    "Have a standby again",
    on="alpha",
    about="mds.bravo has taken over; if it died now, nobody would be left.",
    solution="ceph-mds -i alpha",
    check=serving.stands_by,
    undo=commands.NO_STANDBY,
    hint=[
        "`ceph health detail` says what is missing.",
        "Its key and its directory are still there; what it knew is in the pool lab.meta.",
        "`ceph-mds -i alpha`, on alpha.",
    ],
)
