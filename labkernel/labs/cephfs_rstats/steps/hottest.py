"""The directory in which something changes, found by statistics alone."""

from labkernel.labs.cephfs_rstats.checks.hottest import finds, grown
from labkernel.labs.cephfs_rstats.commands.hottest import DIRECTORIES, GROW, HOTTEST, PROGRAM
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT
from labkernel.labs.cephfs_rstats.topology import lab

grow = lab.step(
    "grow",
    "Create a tree of directories",
    on="admin",
    run=GROW,
    check=grown,
    undo=f"rm -r {MOUNT}/srv",
    volatile=r"in (?P<time>[\d.]+) s",
)

hot = lab.task(
    "hot",
    "Find the directory in which something changes",
    on="admin",
    about=f"Somewhere below {MOUNT}/srv, in one of {DIRECTORIES:,} directories, "
    f"a file is written now and then. Write a program {PROGRAM} that prints the directory "
    "in which something has changed last. Where to look is its first argument, and it must not "
    "walk the whole tree.",
    solution=HOTTEST,
    check=finds,
    undo=f"rm -f {PROGRAM}",
    volatile=r"^(?P<where>/mnt/cephfs/srv/[\d/]+)$|server (?P<n>\d+) times",
    timeout=120,
    hint=[
        "Each directory knows when something below it has changed last. Which attribute is that?",
        "Compare ceph.dir.rctime of the directories below, and go into the newest; then again.",
        (
            "In bash: `for each in */`, `getfattr --only-values -n ceph.dir.rctime …`, `sort -n | "
            "tail -n 1`, `cd`, until there is no directory below; then `pwd`."
        ),
    ],
)
