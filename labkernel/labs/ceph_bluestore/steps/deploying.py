"""The manager, a client, and three OSDs with what is in their stores."""

from labkernel.checks import both, printed
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore.checks.deploying import knows_the_cluster, manages, osd_up
from labkernel.labs.ceph_bluestore.commands.bootstrapping import FORGET
from labkernel.labs.ceph_bluestore.commands.deploying import ENTER, MANAGER, NO_MANAGER, no_osd, osd
from labkernel.labs.ceph_bluestore.commands.joining import make_osds
from labkernel.labs.ceph_bluestore.topology import lab

manage = lab.step(
    "manage",
    "Start the manager",
    on="alpha",
    run=MANAGER,
    check=manages,
    undo=NO_MANAGER,
)

enter = lab.task(
    "enter",
    "Make admin a client of the cluster",
    on="admin",
    about="Take from alpha's archive what a client needs, ceph.conf and the keyring of "
    "client.admin, and not the monitors' key. Then ask: `ceph mon stat`.",
    solution=ENTER,
    check=knows_the_cluster,
    undo=FORGET,
    volatile=r"election epoch (?P<n>\d+)",
    hint=[
        "It is fetched as on bravo. tar can take single files out of an archive.",
        "`curl -s http://[2001:db8::100]/etc.tar | tar -t` lists what is in it.",
        "`… | tar -xC /etc ceph/ceph.conf ceph/ceph.client.admin.keyring`.",
    ],
)

store = lab.step(
    "store",
    "Create the first OSD and start it",
    on="alpha",
    run=osd(0),
    check=osd_up(0),
    undo=no_osd(0),
)

store_too = lab.task(
    "store-too",
    "Create an OSD on bravo",
    on="bravo",
    about="Register osd.1, make its store where that of osd.0 is, on a disk or in a file, and "
    "start it, as it was done on alpha. Its directory is /var/lib/ceph/osd/ceph-1.",
    solution=osd(1),
    check=osd_up(1),
    undo=no_osd(1),
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
    "Create the third OSD",
    on="charlie",
    run=osd(2),
    check=osd_up(2),
    undo=no_osd(2),
    observe=[CLUSTER],
)

lab.shortcut(store_last, make_osds)

label = lab.step(
    "label",
    "Inspect an OSD's directory and its BlueStore label",
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
    "Show the OSDs in the CRUSH tree",
    on="admin",
    run="ceph osd tree\nceph osd stat",
    check=printed(r"3 osds: 3 up .*3 in", "three OSDs, up and in"),
    wrong="ceph osd crush rule ls",
    volatile=r"epoch: e(?P<n>\d+)",
)
