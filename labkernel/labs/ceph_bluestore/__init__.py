"""Ceph BlueStore: a cluster built by hand on alpha, bravo and charlie, over IPv6 alone.

After a post of 2016, when BlueStore was an experiment that had to be enabled by a setting with
`unrecoverable_data_corrupting` in its name.
"""

from labkernel import Lab, Link, Node
from labkernel.checks import both, listens, printed
from labkernel.labs._ceph import configuration, disk
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore import (
    commands,
    compressing,
    files,
    growing,
    joining,
    losing,
    monitors,
    osds,
    overwrite,
    writing,
)
from labkernel.needs import DIRECT_IO

_MEMORY = 1024
_DISK = 10  # GiB, as much as a file of an OSD

lab = Lab(
    "ceph-bluestore",
    title="Ceph BlueStore: build a cluster on three nodes, break it, and see it mend itself",
    nodes=[
        *(
            Node(name, image="ceph", memory=_MEMORY, disk=_DISK)
            for name in (*configuration.MONITORS, "delta")
        ),
        Node("admin", image="ceph"),
    ],
    links=[
        Link(
            "lan",
            *(f"{name}:eth0" for name in (*configuration.MONITORS, "delta", "admin")),
            addresses={
                **{f"{name}:eth0": [f"{ip}/64"] for name, ip in configuration.MONITORS.items()},
                "delta:eth0": [f"{configuration.DELTA}/64"],
                "admin:eth0": ["2001:db8::1/64"],
            },
        )
    ],
    needs=[DIRECT_IO],  # BlueStore opens its disk so
    memory=1024,
    setup={
        "alpha": f"{configuration.TINY}\n{disk.GIVE}",
        "bravo": disk.GIVE,
        "charlie": f"{overwrite.GIVE}\n{disk.GIVE}",
        "delta": disk.GIVE,
    },
)

# -- the monitors --------------------------------------------------------------------------------

configure = lab.step(
    "configure",
    "Write the cluster's configuration",
    on="alpha",
    run=configuration.CONF,
    check=files.configured,
    undo="rm /etc/ceph/ceph.conf",
)

listen = lab.task(
    "listen",
    "Have every daemon listen on IPv6 alone",
    on="alpha",
    about="Ceph listens on IPv4 unless it is told otherwise, and no node here has IPv4. Two "
    "settings in /etc/ceph/ceph.conf change that.",
    solution=configuration.LISTEN,
    check=files.listens_on_ipv6,
    undo=configuration.DEAF,
    hint=[
        "One setting turns IPv6 on; IPv4 stays on until another one turns it off.",
        "They are ms_bind_ipv6 and ms_bind_ipv4, and belong to all daemons: into [global].",
        (
            "`ms_bind_ipv6 = true` and `ms_bind_ipv4 = false` below [global]; what is at the end "
            "of the file would be for OSDs alone."
        ),
    ],
)

chart = lab.task(
    "chart",
    "Draw the map of the monitors",
    on="alpha",
    about="Make /etc/ceph/monmap by monmaptool: the cluster's id, and the monitors alpha, bravo "
    "and charlie, each with the port 3300 for protocol v2 and 6789 for v1.",
    solution=configuration.MONMAP,
    check=files.mapped,
    undo="rm /etc/ceph/monmap",
    hint=[
        "`monmaptool --help` lists its options; `monmaptool --print /etc/ceph/monmap` shows a map.",
        (
            "--create makes a map, --fsid gives it the id that ceph.conf has, --addv adds a "
            "monitor with a vector of addresses."
        ),
        (
            "For each: `--addv alpha [v2:[2001:db8::100]:3300,v1:[2001:db8::100]:6789]`"
            "; the file's name stands last."
        ),
    ],
)

key = lab.task(
    "key",
    "Make the first keys",
    on="alpha",
    about="Make /etc/ceph/ceph.client.admin.keyring, with a key that may do everything on mon, mgr "
    "and osd, and /etc/ceph/mon.keyring with a key of `mon.`; then import the first into the "
    "second.",
    solution=commands.KEYRINGS,
    check=files.keyed,
    undo="rm /etc/ceph/*.keyring",
    hint=[
        "`ceph-authtool` makes keyrings: --create-keyring, --gen-key, -n NAME, --cap SERVICE CAPS.",
        "A key without caps lets you in, and lets you do nothing. For everything: 'allow *'.",
        (
            "`ceph-authtool --create-keyring mon.keyring --gen-key -n mon. --cap mon 'allow *'`, "
            "the same for client.admin with three --cap; then `ceph-authtool mon.keyring "
            "--import-keyring ceph.client.admin.keyring`."
        ),
    ],
)

first = lab.step(
    "first",
    "Start the first monitor",
    on="alpha",
    run=commands.monitor("alpha"),
    check=both(
        monitors.runs("alpha"),
        listens("alpha", 3300, at=configuration.ALPHA),
        listens("alpha", 6789, at=configuration.ALPHA),
    ),
    undo=commands.no_monitor("alpha"),
)

share = lab.step(
    "share",
    "Offer the files to the other nodes",
    on="alpha",
    run=commands.SHARE,
    check=monitors.offers,
    undo=commands.UNSHARE,
)

second = lab.step(
    "second",
    "Start the second monitor",
    on="bravo",
    run=f"{commands.FETCH}\n{commands.monitor('bravo')}",
    check=monitors.quorum("alpha", "bravo"),
    undo=f"{commands.no_monitor('bravo')}\n{commands.FORGET}",
)

third = lab.task(
    "third",
    "Start the third monitor",
    on="charlie",
    about="Bring mon.charlie into the cluster, as it was done on bravo.",
    solution=f"{commands.FETCH}\n{commands.monitor('charlie')}",
    check=monitors.quorum("alpha", "bravo", "charlie"),
    undo=f"{commands.no_monitor('charlie')}\n{commands.FORGET}",
    hint=[
        "What does a monitor need before it starts? Which of that is on charlie?",
        "The files by curl and tar; the store by `ceph-mon --mkfs`; then the daemon itself.",
        "As on bravo, with `-i charlie` in both commands.",
    ],
)

# -- manager and OSDs ----------------------------------------------------------------------------

manage = lab.step(
    "manage",
    "Start the manager",
    on="alpha",
    run=commands.MANAGER,
    check=osds.manages,
    undo=commands.NO_MANAGER,
)

enter = lab.task(
    "enter",
    "Make admin a client of the cluster",
    on="admin",
    about="Take from alpha's archive what a client needs, ceph.conf and the keyring of "
    "client.admin, and not the monitors' key. Then ask: `ceph mon stat`.",
    solution=f"{commands.FETCH} ceph/ceph.conf ceph/ceph.client.admin.keyring\nceph mon stat",
    check=osds.knows_the_cluster,
    undo=commands.FORGET,
    volatile=r"election epoch (?P<n>\d+)",
    hint=[
        "It is fetched as on bravo. tar can take single files out of an archive.",
        "`curl -s http://[2001:db8::100]/etc.tar | tar -t` lists what is in it.",
        "`… | tar -xC /etc ceph/ceph.conf ceph/ceph.client.admin.keyring`.",
    ],
)

store = lab.step(
    "store",
    "Make the first OSD, and start it",
    on="alpha",
    run=commands.osd(0),
    check=osds.osd_up(0),
    undo=commands.no_osd(0),
)

store_too = lab.task(
    "store-too",
    "Make an OSD on bravo",
    on="bravo",
    about="Register osd.1, make its store where that of osd.0 is, on a disk or in a file, and "
    "start it, as it was done on alpha. Its directory is /var/lib/ceph/osd/ceph-1.",
    solution=commands.osd(1),
    check=osds.osd_up(1),
    undo=commands.no_osd(1),
    hint=[
        (
            "Four things: a key that the cluster knows, a directory with that key, the store, the "
            "daemon."
        ),
        "`ceph osd new UUID 1 -i -` registers it with the key that it reads as JSON.",
        "The commands of the step before, with 1 in place of 0.",
    ],
)

store_last = lab.step(
    "store-last",
    "Make the third OSD",
    on="charlie",
    run=commands.osd(2),
    check=osds.osd_up(2),
    undo=commands.no_osd(2),
    observe=[CLUSTER],
)

label = lab.step(
    "label",
    "Look into an OSD's directory",
    on="alpha",
    run="cd /var/lib/ceph/osd/ceph-0\n"
    "cat type\n"
    "stat -c '%N: %F, %s bytes' block\n"
    "ceph-bluestore-tool show-label --dev block | jq '.block | "
    "{description, size, ceph_fsid, kv_backend, whoami}'\n"
    "ls block.db block.wal",
    exits=None,
    check=both(
        printed(r"^bluestore$", "the store's type"),
        printed(r'"description": "main"', "the label of the main device"),
        printed(r"cannot access 'block.db'", "that there is no separate device for RocksDB"),
    ),
    wrong="cat /var/lib/ceph/osd/ceph-0/fsid",
)

tree = lab.step(
    "tree",
    "See where the OSDs stand",
    on="admin",
    run="ceph osd tree\nceph osd stat",
    check=printed(r"3 osds: 3 up .*3 in", "three OSDs, up and in"),
    wrong="ceph osd crush rule ls",
    volatile=r"epoch: e(?P<n>\d+)",
)

# -- data ----------------------------------------------------------------------------------------

pool = lab.task(
    "pool",
    "Make a pool",
    on="admin",
    about="Make a pool `lab` with 32 placement groups, say what it is for (any name will do), and "
    "have its placement groups active+clean.",
    solution=commands.POOL,
    check=both(osds.pooled, osds.is_healthy),
    undo=commands.NO_POOL,
    hint=[
        "`ceph osd pool create` makes it; `ceph health detail` then tells what is missing.",
        "A pool is for an application: cephfs, rbd, rgw, or whatever you call yours.",
        "`ceph osd pool create lab 32`, then `ceph osd pool application enable lab lessons`.",
    ],
    observe=[CLUSTER],
)

look = lab.step(
    "look",
    "Ask the cluster how it is",
    on="admin",
    run="ceph -s",
    check=printed(r"health: HEALTH_OK$", "the cluster's health"),
    wrong="ceph osd pool ls detail",
    volatile=r"(?:age|since) (?P<dur>[\w.]+)|usage: +(?P<usage>.*)$",
)

write = lab.step(
    "write",
    "Write an object, and read it",
    on="admin",
    run=commands.WRITE,
    check=both(printed(r"^the same$", "that it is what was written"), osds.keeps("numbers")),
    undo="rados -p lab rm numbers",
    volatile=r"osdmap e(?P<n>\d+)",
)

# -- checksums -----------------------------------------------------------------------------------

damage = lab.step(
    "damage",
    "Have a disk forget five bytes",
    on="charlie",
    run=commands.DAMAGE,
    check=losing.damaged,
    undo=commands.MEND,
)

scrub = lab.step(
    "scrub",
    "Have the placement group read all that it has",
    on="charlie",
    run=commands.SCRUB,
    check=both(
        printed(r'^"numbers"$', "the object"),
        printed(r'^\[2,\["read_error"\]\]$', "the OSD whose copy can't be read"),
        losing.reported,
    ),
    wrong="rados -p lab get numbers - | tail -n 1",
)

repair = lab.task(
    "repair",
    "Repair the object",
    on="charlie",
    about="Two of three copies are good. Have the cluster make the third anew, from charlie or "
    "from admin, until `ceph health` says HEALTH_OK.",
    solution=commands.REPAIR,
    check=losing.repaired,
    undo=f"{commands.DAMAGE}\n{commands.SCRUB}",
    hint=[
        "`ceph health detail` names the placement group, and it is the group that is repaired.",
        "`ceph pg --help | grep repair`.",
        "`ceph pg repair PG`, with the PG that `ceph health detail` names, and a few seconds.",
    ],
)

# -- small writes, and the cache -----------------------------------------------------------------

small = lab.step(
    "small",
    "Write little, and write much",
    on="alpha",
    run=commands.SMALL,
    check=writing.counted,
    wrong="ceph daemon osd.0 perf dump | jq .bluestore.write_small",
    view=writing.table,
    timeout=300,  # seconds: where alpha is an emulated VM, thirty clients in a row take minutes
)

# -- an OSD that dies ----------------------------------------------------------------------------

kill = lab.step(
    "kill",
    "Kill the third OSD",
    on="charlie",
    run=commands.KILL,
    check=losing.degraded,
    undo=f"{commands.REVIVE}\n" + commands.wait_for("ceph osd dump", "^osd.2 up"),
    observe=[CLUSTER],
)

write_more = lab.step(
    "write-more",
    "Write while an OSD is missing",
    on="admin",
    run=commands.MORE,
    check=both(printed(r"^the same$", "that it is what was written"), osds.keeps("more")),
    undo=commands.NO_MORE,
    observe=[CLUSTER],
)

revive = lab.task(
    "revive",
    "Bring the OSD back",
    on="charlie",
    about="osd.2 has missed an object. Start it again, and have every placement group "
    "active+clean.",
    solution=commands.REVIVE,
    check=both(osds.osd_up(2), osds.is_healthy),
    undo=f"{commands.KILL}\n" + commands.wait_for("ceph osd dump", "^osd.2 down"),
    hint=[
        "Its store is as it was, and the cluster knows it: nothing has to be made again.",
        "How was it started the first time, after its store was made?",
        f"`{commands.REVIVE}` on charlie. What it missed, it gets by itself.",
    ],
    observe=[CLUSTER],
)

times = lab.step(
    "times",
    "Read in the cluster's log how long it took",
    on="admin",
    run=commands.EVENTS,
    check=growing.told,
    wrong="ceph log last 1 info cluster",
    volatile=r"^(?P<when>\S+ .*) : cluster|(?P<at>\[v2:.*\]) boot|\((?P<how>[^()]*reported.*)\)$",
    view=growing.plot,
)

# -- a fourth OSD --------------------------------------------------------------------------------

profile = lab.step(
    "profile",
    "See how an OSD shares its disk out",
    on="alpha",
    run=commands.PROFILE,
    check=both(
        printed(r"^osd_op_queue = mclock_scheduler$", "the scheduler"),
        printed(r"^osd_mclock_profile = balanced$", "its profile"),
    ),
    wrong="ceph daemon osd.0 config get osd_max_backfills",
)

prefer = lab.task(
    "prefer",
    "Let recovery go first",
    on="admin",
    about="An OSD is about to be added, and nobody else uses the cluster. Have every OSD give "
    "recovery the bigger part.",
    solution=commands.PREFER,
    check=growing.recovery_first,
    undo=commands.NO_PREFERENCE,
    hint=[
        "mClock has profiles: balanced, high_client_ops, high_recovery_ops.",
        "`ceph config set` changes a setting of daemons that run; `osd` means all OSDs.",
        f"`{commands.PREFER}`.",
    ],
)

grow = lab.step(
    "grow",
    "Add an OSD on a fourth node",
    on="delta",
    run=commands.GROW,
    check=both(osds.osd_up(3), osds.moved),
    undo=commands.SHRINK,
    observe=[CLUSTER],
)

# -- monitors that are lost ----------------------------------------------------------------------

lose_one = lab.step(
    "lose-one",
    "Stop one monitor",
    on="charlie",
    run=configuration.stop("ceph-mon"),
    check=both(monitors.stopped("charlie"), monitors.quorum("alpha", "bravo")),
    undo=commands.back("charlie", "alpha", "bravo"),
    observe=[CLUSTER],
)

lose_two = lab.step(
    "lose-two",
    "Stop another one, and ask",
    on="bravo",
    run=commands.LOSE_TWO,
    check=both(printed(r"^no answer$", "that none came in time"), monitors.alone("alpha")),
    undo=commands.back("bravo", "alpha"),
    observe=[CLUSTER],
)

majority = lab.task(
    "majority",
    "Have a majority again",
    on="bravo",
    about="Two of three monitors are stopped, and the cluster answers nobody. Make it answer.",
    solution="ceph-mon -i bravo",
    check=monitors.quorum("alpha", "bravo"),
    undo=configuration.stop("ceph-mon"),
    hint=[
        "How many of three are a majority?",
        "mon.bravo has its store still.",
        "`ceph-mon -i bravo`, on bravo.",
    ],
    observe=[CLUSTER],
)

complete = lab.step(
    "complete",
    "Start the third monitor again",
    on="charlie",
    run="ceph-mon -i charlie",
    check=both(monitors.quorum("alpha", "bravo", "charlie"), osds.is_healthy),
    undo=configuration.stop("ceph-mon"),
    observe=[CLUSTER],
)

# -- compression ---------------------------------------------------------------------------------

compress = lab.step(
    "compress",
    "Write text, zeros and noise, compressed",
    on="admin",
    run=commands.COMPRESS,
    check=compressing.compressed,
    undo=commands.NO_COMPRESSION,
    view=compressing.plot,
    observe=[CLUSTER],
)

blobs = lab.task(
    "blobs",
    "Compress the text to less than a quarter",
    on="admin",
    about="zstd could do more with the text in the pool text-zstd: it gets 8 KiB at a time, and "
    "what it saves counts in units of 4 KiB. Give it 64 KiB at a time, and write the text again.",
    solution=commands.BLOBS,
    check=compressing.in_big_blobs,
    undo=commands.NO_BLOBS,
    hint=[
        "A piece that is compressed as a whole is a blob. Its size is a setting of the pool.",
        "`ceph osd pool set text-zstd …` without a setting lists them; it is a minimum.",
        (
            "`ceph osd pool set text-zstd compression_min_blob_size 65536`; what is written "
            "stays as it is: `rados -p text-zstd put object text`."
        ),
    ],
)

# -- full ----------------------------------------------------------------------------------------

fill = lab.step(
    "fill",
    "Have the disks be full",
    on="admin",
    run=commands.FILL,
    check=both(printed(r"^no answer$", "that none came in time"), growing.full),
    undo=commands.EMPTY,
    observe=[CLUSTER],
    exits=None,
)

empty = lab.task(
    "empty",
    "Have the cluster take writes again",
    on="admin",
    about="Nobody can write. Here it is the ratios that are wrong: set them to what they were.",
    solution=commands.RATIOS,
    check=both(growing.writable, osds.is_healthy),
    undo=commands.FILL + "; true",
    observe=[CLUSTER],
    hint=[
        "`ceph osd dump | grep ratio` shows all three; `ceph health detail` what comes of them.",
        "They are set as in the step before. What are the values that Ceph comes with?",
        "0.85 for nearfull, 0.90 for backfillfull, 0.95 for full.",
    ],
)

# -- join at a later step ------------------------------------------------------------------------

lab.shortcut(third, joining.monitors)
lab.shortcut(store_last, joining.osds)
lab.shortcut(pool, joining.pool)
