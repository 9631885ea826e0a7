"""Quotas, which are compared with the directories' statistics."""

from labkernel.checks import both, printed
from labkernel.labs.cephfs_rstats.checks.quotas import limited, within_limits
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT
from labkernel.labs.cephfs_rstats.commands.quotas import EXCEED, NO_QUOTA, QUOTA
from labkernel.labs.cephfs_rstats.topology import lab

limit = lab.task(
    "limit",
    "Set a quota on ann's home",
    on="admin",
    about=f"Below {MOUNT}/home/ann allow 32 MiB and 10 files at most. The others have no limit.",
    solution=QUOTA,
    check=limited,
    undo=NO_QUOTA,
    hint=[
        "A quota is an extended attribute of a directory, too, and it can be set.",
        "`setfattr -n NAME -v VALUE DIRECTORY`; the names are ceph.quota.max_bytes and max_files.",
        "`setfattr -n ceph.quota.max_bytes -v 33554432 …`, and max_files likewise.",
    ],
)

exceed = lab.step(
    "exceed",
    "Exceed the quota",
    on="admin",
    run=EXCEED,
    exits=1,
    check=both(printed(r"Disk quota exceeded", "that the quota holds"), within_limits),
    wrong=f"ls {MOUNT}/home/ann | grep nothing",
)
