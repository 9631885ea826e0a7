"""The monitors: the files that a cluster begins with, and the first three daemons."""

from labkernel.checks import both, listens
from labkernel.labs._ceph import configuration
from labkernel.labs.ceph_bluestore.checks.bootstrapping import (
    configured,
    keyed,
    listens_on_ipv6,
    mapped,
    offers,
)
from labkernel.labs.ceph_bluestore.checks.quorum import quorum, runs
from labkernel.labs.ceph_bluestore.commands.bootstrapping import (
    FETCH,
    FORGET,
    KEYRINGS,
    SHARE,
    UNSHARE,
    monitor,
    no_monitor,
)
from labkernel.labs.ceph_bluestore.commands.joining import make_monitors
from labkernel.labs.ceph_bluestore.topology import lab

configure = lab.step(
    "configure",
    "Write the cluster's configuration",
    on="alpha",
    run=configuration.CONF,
    check=configured,
    undo="rm /etc/ceph/ceph.conf",
)

listen = lab.task(
    "listen",
    "Bind every daemon to IPv6 only",
    on="alpha",
    about="Ceph listens on IPv4 unless it is told otherwise, and no node here has IPv4. Two "
    "settings in /etc/ceph/ceph.conf change that.",
    solution=configuration.LISTEN,
    check=listens_on_ipv6,
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
    "Create the monitor map",
    on="alpha",
    about="Make /etc/ceph/monmap by monmaptool: the cluster's id, and the monitors alpha, bravo "
    "and charlie, each with the port 3300 for protocol v2 and 6789 for v1.",
    solution=configuration.MONMAP,
    check=mapped,
    undo="rm /etc/ceph/monmap",
    hint=[
        "`monmaptool --help` lists its options; `monmaptool --print MAP` shows a map.",
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
    "Create the keyrings of client.admin and the monitors",
    on="alpha",
    about="Make /etc/ceph/ceph.client.admin.keyring, with a key that may do everything on mon, mgr "
    "and osd, and /etc/ceph/mon.keyring with a key of `mon.`; then import the first into the "
    "second.",
    solution=KEYRINGS,
    check=keyed,
    undo="rm /etc/ceph/*.keyring",
    hint=[
        "`ceph-authtool` makes keyrings: --create-keyring, --gen-key, -n NAME, --cap SERVICE CAPS.",
        "A key without caps lets you in, and lets you do nothing. For everything: 'allow *'.",
        (
            "`ceph-authtool --create-keyring mon.keyring --gen-key -n mon. --cap mon 'allow *'`, "
            "the same for client.admin with three --cap; then import one into the other: "
            "`ceph-authtool MONITORS --import-keyring ADMIN`."
        ),
    ],
)

first = lab.step(
    "first",
    "Start the first monitor",
    on="alpha",
    run=monitor("alpha"),
    check=both(
        runs("alpha"),
        listens("alpha", 3300, at=configuration.ALPHA),
        listens("alpha", 6789, at=configuration.ALPHA),
    ),
    undo=no_monitor("alpha"),
)

share = lab.step(
    "share",
    "Serve the files to the other nodes by HTTP",
    on="alpha",
    run=SHARE,
    check=offers,
    undo=UNSHARE,
)

second = lab.step(
    "second",
    "Start the second monitor",
    on="bravo",
    run=f"{FETCH}\n{monitor('bravo')}",
    check=quorum("alpha", "bravo"),
    undo=f"{no_monitor('bravo')}\n{FORGET}",
)

third = lab.task(
    "third",
    "Start the third monitor",
    on="charlie",
    about="Bring mon.charlie into the cluster, as it was done on bravo.",
    solution=f"{FETCH}\n{monitor('charlie')}",
    check=quorum("alpha", "bravo", "charlie"),
    undo=f"{no_monitor('charlie')}\n{FORGET}",
    hint=[
        "What does a monitor need before it starts? Which of that is on charlie?",
        "The files by curl and tar; the store by `ceph-mon --mkfs …`; then the daemon itself.",
        "As on bravo, with `-i charlie` in both commands.",
    ],
)

lab.shortcut(third, make_monitors)
