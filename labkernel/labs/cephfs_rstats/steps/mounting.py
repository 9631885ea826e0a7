"""A file system in the cluster: its pools, its servers, a client's key, and a mount."""

from labkernel.checks import printed
from labkernel.labs._ceph import CLUSTER
from labkernel.labs.cephfs_rstats.checks.mounting import (
    authorized,
    is_active,
    made,
    mounted,
    stands_by,
)
from labkernel.labs.cephfs_rstats.commands.mounting import (
    AUTHORIZE,
    FORBID,
    KEYRING,
    MAKE,
    MOUNT_IT,
    REMOVE,
    UNMOUNT,
    WANT_STANDBY,
    remove_server,
    start_server,
)
from labkernel.labs.cephfs_rstats.topology import lab

look = lab.step(
    "look",
    "Show the cluster's status",
    on="admin",
    run="ceph -s",
    check=printed(r"health: HEALTH_OK$", "the cluster's health"),
    wrong="ceph osd pool ls detail",
    volatile=r"(?:age|since) (?P<dur>[\w.]+)|usage: +(?P<usage>.*)$",
)

make = lab.task(
    "make",
    "Create a file system",
    on="admin",
    about="Make the pools lab.meta, with 8 placement groups, and lab.data, with 16, and of both "
    "a file system called lab.",
    solution=MAKE,
    check=made,
    undo=REMOVE,
    hint=[
        "Three commands: each pool is made, then the file system of the two.",
        "`ceph osd pool create NAME PGS`; `ceph fs --help | grep 'fs new'`.",
        "`ceph fs new lab lab.meta lab.data`: the pool for metadata stands first.",
    ],
    observe=[CLUSTER],
)

serve = lab.step(
    "serve",
    "Start a metadata server and ask for a standby",
    on="alpha",
    run=f"{start_server('alpha')}\n{WANT_STANDBY}",
    check=is_active("alpha"),
    undo=remove_server("alpha"),
    observe=[CLUSTER],
)

standby = lab.task(
    "standby",
    "Start a standby metadata server",
    on="bravo",
    about="`ceph health detail` complains: a standby is wanted. Start mds.bravo, so that it says "
    "HEALTH_OK.",
    solution=start_server("bravo"),
    check=stands_by,
    undo=remove_server("bravo"),
    hint=[
        "What does a metadata server need before it starts? Look at the step before.",
        "A directory /var/lib/ceph/mds/ceph-bravo, with a keyring, for a key with caps.",
        "The three commands of the step before, with bravo in place of alpha.",
    ],
    observe=[CLUSTER],
)

authorize = lab.task(
    "authorize",
    "Create a client's key",
    on="admin",
    about="client.lab must be able to read and write everything in the file system, set quotas "
    f"and make snapshots, and nothing else in the cluster. Its keyring must be {KEYRING}.",
    solution=AUTHORIZE,
    check=authorized,
    undo=FORBID,
    hint=[
        "One command gives a client a key with caps for one file system.",
        "`ceph fs authorize FS CLIENT PATH LETTERS` prints a keyring. r and w are not enough.",
        "`ceph fs authorize lab client.lab / rwps > …`: p is for quotas, s for snapshots.",
    ],
)

mount = lab.step(
    "mount",
    "Mount the file system",
    on="admin",
    run=MOUNT_IT,
    check=mounted,
    undo=UNMOUNT,
    timeout=30,
    volatile=r"starting ceph client.*\n|ceph-fuse\[(?P<pid>\d+)\]",
)
