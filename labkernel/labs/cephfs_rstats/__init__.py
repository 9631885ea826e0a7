"""CephFS statistics: the size of a directory tree, which its directories know, without walking it.

After a blog post on CephFS's recursive statistics.  The lab begins with a cluster, in which the
file system is made.
"""

from labkernel import Lab, Link, Node, Workbench
from labkernel.checks import both, printed
from labkernel.labs._ceph import CLUSTER, Cluster, bring_up
from labkernel.labs._ceph.configuration import MONITORS
from labkernel.labs.cephfs_rstats import commands, hottest, lag, serving, using
from labkernel.labs.cephfs_rstats.trees import measure
from labkernel.needs import DIRECT_IO

__all__ = ["lab", "measure"]


def _to_the_statistics(bench: Workbench) -> None:
    """What the steps up to there do, without their checks, and without measuring."""
    for step in (make, serve, standby, authorize, mount, fill):
        bench.run(step.on, step.run, expect=0)


_CLUSTER = Cluster(caps={"mds": "allow *"}, settings=commands.SETTINGS)

lab = Lab(
    "cephfs-rstats",
    title="CephFS statistics: the size of a directory tree, without walking it",
    nodes=[
        *(Node(name, image="cephfs", memory=2048) for name in MONITORS),
        Node("admin", image="cephfs", fuse=True),
    ],
    links=[
        Link(
            "lan",
            *(f"{name}:eth0" for name in (*MONITORS, "admin")),
            addresses={
                **{f"{name}:eth0": [f"{ip}/64"] for name, ip in MONITORS.items()},
                "admin:eth0": ["2001:db8::1/64"],
            },
        )
    ],
    needs=[DIRECT_IO],  # BlueStore opens its disk so
    memory=1024,
    begin=lambda bench: bring_up(bench, _CLUSTER),
)

# -- a file system -------------------------------------------------------------------------------

look = lab.step(
    "look",
    "Look at the cluster that is there",
    on="admin",
    run="ceph -s",
    check=printed(r"health: HEALTH_OK$", "the cluster's health"),
    wrong="ceph osd pool ls detail",
    volatile=r"(?:age|since) (?P<dur>[\w.]+)|usage: +(?P<usage>.*)$",
)

make = lab.task(
    "make",
    "Make a file system",
    on="admin",
    about="Make the pools lab.meta, with 8 placement groups, and lab.data, with 16, and of both "
    "a file system called lab.",
    solution=commands.MAKE,
    check=serving.made,
    undo=commands.REMOVE,
    hint=[
        "Three commands: each pool is made, then the file system of the two.",
        "`ceph osd pool create NAME PGS`; `ceph fs --help | grep 'fs new'`.",
        "`ceph fs new lab lab.meta lab.data`: the pool for metadata stands first.",
    ],
    observe=[CLUSTER],
)

serve = lab.step(
    "serve",
    "Start a metadata server, and want a second one",
    on="alpha",
    run=f"{commands.serve('alpha')}\n{commands.WANT_STANDBY}",
    check=serving.is_active("alpha"),
    undo=commands.retire("alpha"),
    observe=[CLUSTER],
)

standby = lab.task(
    "standby",
    "Have a second one stand by",
    on="bravo",
    about="`ceph health detail` complains: a standby is wanted. Start mds.bravo, so that it says "
    "HEALTH_OK.",
    solution=commands.serve("bravo"),
    check=serving.stands_by,
    undo=commands.retire("bravo"),
    hint=[
        "What does a metadata server need before it starts? Look at the step before.",
        "A directory /var/lib/ceph/mds/ceph-bravo, with a keyring, for a key with caps.",
        "The three commands of the step before, with bravo in place of alpha.",
    ],
    observe=[CLUSTER],
)

# -- a client ------------------------------------------------------------------------------------

authorize = lab.task(
    "authorize",
    "Make a key for a client",
    on="admin",
    about="client.lab shall read and write everything in the file system, set quotas and make "
    "snapshots, and nothing else in the cluster. Its keyring shall be "
    f"{commands.KEYRING}.",
    solution=commands.AUTHORIZE,
    check=serving.authorized,
    undo=commands.FORBID,
    hint=[
        "One command gives a client a key with caps for one file system.",
        "`ceph fs authorize FS CLIENT PATH LETTERS` prints a keyring. r and w are not enough.",
        "`ceph fs authorize lab client.lab / rwps > …`: p is for quotas, s for snapshots.",
    ],
)

mount = lab.step(
    "mount",
    "Mount it",
    on="admin",
    run=commands.MOUNT_IT,
    check=using.mounted,
    undo=commands.UNMOUNT,
    timeout=30,
    volatile=r"starting ceph client.*\n|ceph-fuse\[(?P<pid>\d+)\]",
)

# -- what directories know -----------------------------------------------------------------------

fill = lab.step(
    "fill",
    "Write three files into three homes",
    on="admin",
    run=commands.FILL,
    check=using.has("home", 31, 3),
    undo=f"rm -r {commands.MOUNT}/home",
)

list_ = lab.step(
    "list",
    "List the homes",
    on="admin",
    run=f"cd {commands.MOUNT}\nls -alh --time-style=+ home",
    check=printed(r" 24M +ann$", "the size of what is in ann's home"),
    wrong=f"ls -h {commands.MOUNT}/home",
)

names = lab.step(
    "names",
    "Ask for each statistic by its name",
    on="admin",
    run=commands.NAMES,
    check=both(
        printed(r"\A(getfattr: .*\n)?each by name:$", "that none is listed"),
        printed(rf"^rbytes {31 << 20}$", "the bytes below home"),
        printed(r"^rentries 8$", "its files and directories, with itself"),
    ),
    wrong=f"getfattr -d -m 'ceph.dir.*' {commands.MOUNT}/home",
    volatile=r"rctime (?P<time>[\d.]+)$",
)

without = lab.step(
    "without",
    "Ask without a mount",
    on="admin",
    run=commands.WITHOUT,
    check=both(
        printed(rf"^rbytes {31 << 20}$", "the bytes below home"),
        printed(r"^rfiles 3$", "its files"),
    ),
    wrong="python3 -c 'import cephfs; print(cephfs.__name__)'",
)

follow = lab.step(
    "follow",
    "Measure how soon they follow",
    on="admin",
    run=f"mkdir -p {commands.MOUNT}/lag\nmeasure-lag {commands.MOUNT}/lag",
    check=lag.measured,
    wrong="echo closed-1: 0.1 s",
    timeout=180,
    volatile=r": (?P<time>[\d.]+) s$",
    view=lag.table,
)

# -- what size means -----------------------------------------------------------------------------

sparse = lab.task(
    "sparse",
    "Make a file of 80 TiB",
    on="admin",
    about=f"The disks have 30 GiB together. Make {commands.MOUNT}/home/bob/disk a file of 80 TiB "
    "all the same.",
    solution=commands.SPARSE,
    check=using.sparse,
    undo=commands.NO_SPARSE,
    volatile=r"(?P<early>truncate: .*\n)",
    hint=[
        "A file may have holes: what was never written takes nothing. `truncate -s 80T`.",
        "File too large? The file system has a limit for that: `ceph fs get lab`.",
        "`ceph fs set lab max_file_size 105553116266496`, which is 96 TiB; then `truncate`.",
    ],
)

compare = lab.step(
    "compare",
    "Compare the sizes",
    on="admin",
    run=commands.COMPARE,
    check=both(
        printed(r" 81T +bob$", "the size of what is in bob's home"),
        printed(r"^ceph-fuse +9\.\dG", "what the cluster has room for"),
    ),
    wrong=f"df -h {commands.MOUNT}",
    volatile=r"(?P<room>ceph-fuse +9\.\dG)",
)

# -- quotas and snapshots ------------------------------------------------------------------------

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

keep = lab.step(
    "keep",
    "Take a snapshot of the homes",
    on="admin",
    run=f"mkdir {commands.MOUNT}/home/.snap/monday\nls {commands.MOUNT}/home/.snap/monday",
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

# -- a server that dies --------------------------------------------------------------------------

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

# -- on statistics alone -------------------------------------------------------------------------

grow = lab.step(
    "grow",
    "Grow a tree",
    on="admin",
    run=commands.GROW,
    check=using.grown,
    undo=f"rm -r {commands.MOUNT}/srv",
    volatile=r"in (?P<time>[\d.]+) s",
)

hot = lab.task(
    "hot",
    "Find the directory in which something changes",
    on="admin",
    about=f"Somewhere below {commands.MOUNT}/srv, in one of {commands.DIRECTORIES:,} directories, "
    f"a file is written now and then. Write a program {hottest.PROGRAM} that prints the directory "
    "in which something has changed last. Where to look is its first argument, and it shall not "
    "walk the whole tree.",
    solution=commands.HOTTEST,
    check=hottest.finds,
    undo=f"rm -f {hottest.PROGRAM}",
    volatile=r"^(?P<where>/mnt/cephfs/srv/[\d/]+)$|server (?P<n>\d+) times",
    timeout=120,
    hint=[
        "Each directory knows when something below it has changed last. Which attribute is that?",
        "Compare ceph.dir.rctime of the directories below, and go into the newest; then again.",
        (
            "In bash: `for each in */`, `getfattr --only-values -n ceph.dir.rctime`, `sort -n | "
            "tail -n 1`, `cd`, until there is no directory below; then `pwd`."
        ),
    ],
)

lab.shortcut(follow, _to_the_statistics)
