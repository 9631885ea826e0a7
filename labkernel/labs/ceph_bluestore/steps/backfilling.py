"""A fourth OSD, which is backfilled: priorities of recovery and clients."""

from labkernel.checks import both, printed
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore.checks.backfilling import moved, recovery_first
from labkernel.labs.ceph_bluestore.checks.deploying import osd_up
from labkernel.labs.ceph_bluestore.commands.backfilling import (
    GROW,
    NO_PREFERENCE,
    PREFER,
    PROFILE,
    SHRINK,
)
from labkernel.labs.ceph_bluestore.topology import lab

profile = lab.step(
    "profile",
    "Show an OSD's mClock profile",
    on="alpha",
    run=PROFILE,
    check=both(
        printed(r"^osd_op_queue = mclock_scheduler$", "the scheduler"),
        printed(r"^osd_mclock_profile = balanced$", "its profile"),
    ),
    wrong="ceph daemon osd.0 config get osd_max_backfills",
)

prefer = lab.task(
    "prefer",
    "Prioritize recovery over clients",
    on="admin",
    about="An OSD is about to be added, and nobody else uses the cluster. Have every OSD give "
    "recovery the bigger part.",
    solution=PREFER,
    check=recovery_first,
    undo=NO_PREFERENCE,
    hint=[
        "mClock has profiles: balanced, high_client_ops, high_recovery_ops.",
        "`ceph config set` changes a setting of daemons that run; `osd` means all OSDs.",
        f"`{PREFER}`.",
    ],
)

grow = lab.step(
    "grow",
    "Add an OSD on a fourth node",
    on="delta",
    run=GROW,
    check=both(osd_up(3), moved),
    undo=SHRINK,
    observe=[CLUSTER],
)
