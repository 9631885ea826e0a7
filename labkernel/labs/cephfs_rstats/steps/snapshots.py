"""Snapshots, and a directory that comes back from one."""

from labkernel.checks import both, printed
from labkernel.labs.cephfs_rstats.checks.accounting import has
from labkernel.labs.cephfs_rstats.checks.snapshots import recovered, snapshot
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT
from labkernel.labs.cephfs_rstats.commands.snapshots import LOSE, RECOVER
from labkernel.labs.cephfs_rstats.topology import lab

keep = lab.step(
    "keep",
    "Take a snapshot of the homes",
    on="admin",
    run=f"mkdir -p {MOUNT}/home/.snap/monday\nls {MOUNT}/home/.snap/monday",
    check=snapshot,
    undo=f"rmdir {MOUNT}/home/.snap/monday",
)

lose = lab.step(
    "lose",
    "Remove carol's thesis",
    on="admin",
    run=LOSE,
    check=both(
        printed(r"^now: rbytes 0, du 0$", "that nothing is left"),
        printed(rf"^on Monday: rbytes 0, du {1 << 20}$", "that the snapshot has it all the same"),
        has("home/carol", 0, 0),
    ),
    undo=RECOVER,
)

recover = lab.task(
    "recover",
    "Restore the thesis from the snapshot",
    on="admin",
    about="carol's thesis was a directory in her home, and it is in the snapshot.",
    solution=RECOVER,
    check=recovered,
    undo=f"rm -r {MOUNT}/home/carol/thesis",
    hint=[
        "A snapshot is a directory like any other; only, nobody can write to it.",
        f"`ls {MOUNT}/home/.snap/monday/carol`.",
        f"`cp -r {MOUNT}/home/.snap/monday/carol/thesis {MOUNT}/home/carol/`.",
    ],
)
