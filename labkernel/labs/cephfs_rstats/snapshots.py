"""Snapshots, and a directory that comes back from one."""

from labkernel.checks import both, printed
from labkernel.labs.cephfs_rstats import commands, using
from labkernel.labs.cephfs_rstats.topology import lab

keep = lab.step(
    "keep",
    "Take a snapshot of the homes",
    on="admin",
    run=f"mkdir -p {commands.MOUNT}/home/.snap/monday\nls {commands.MOUNT}/home/.snap/monday",
    check=using.snapshot,
    undo=f"rmdir {commands.MOUNT}/home/.snap/monday",
)

lose = lab.step(
    "lose",
    "Lose carol's thesis",
    on="admin",
    run=commands.LOSE,
    check=both(
        printed(r"^now: rbytes 0, du 0$", "that nothing is left"),
        printed(rf"^on Monday: rbytes 0, du {1 << 20}$", "that the snapshot has it all the same"),
        using.has("home/carol", 0, 0),
    ),
    undo=commands.RECOVER,
)

recover = lab.task(
    "recover",
    "Get the thesis back",
    on="admin",
    about="carol's thesis was a directory in her home, and it is in the snapshot.",
    solution=commands.RECOVER,
    check=using.recovered,
    undo=f"rm -r {commands.MOUNT}/home/carol/thesis",
    hint=[
        "A snapshot is a directory like any other; only, nobody can write to it.",
        f"`ls {commands.MOUNT}/home/.snap/monday/carol`.",
        f"`cp -r {commands.MOUNT}/home/.snap/monday/carol/thesis {commands.MOUNT}/home/carol/`.",
    ],
)
