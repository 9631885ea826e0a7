"""Quotas, which directories' statistics are held against."""

from labkernel.checks import both, printed
from labkernel.labs.cephfs_rstats import commands, using
from labkernel.labs.cephfs_rstats.topology import lab

limit = lab.task(
    "limit",
    "Give ann a limit",
    on="admin",
    about=f"Below {commands.MOUNT}/home/ann there shall be 32 MiB and 10 files at most. The others "
    "have no limit.",
    solution=commands.QUOTA,
    check=using.limited,
    undo=commands.NO_QUOTA,
    hint=[
        "A quota is an extended attribute of a directory, too, and it can be set.",
        "`setfattr -n NAME -v VALUE DIRECTORY`; the names are ceph.quota.max_bytes and max_files.",
        "`setfattr -n ceph.quota.max_bytes -v 33554432 …`, and max_files likewise.",
    ],
)

exceed = lab.step(
    "exceed",
    "Write more than that",
    on="admin",
    run=commands.EXCEED,
    exits=1,
    check=both(printed(r"Disk quota exceeded", "that the quota holds"), using.within_limits),
    wrong=f"ls {commands.MOUNT}/home/ann | grep nothing",
)
