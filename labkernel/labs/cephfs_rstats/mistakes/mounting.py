"""Mistakes and other right answers of `steps.mounting`."""

from labkernel import Mistake
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import (
    AUTHORIZE,
    CLIENT,
    FORBID,
    KEYRING,
    REMOVE,
    remove_server,
    start_server,
)

_ONE_POOL = "ceph osd pool create lab.meta 8"

_POOLS = f"{_ONE_POOL}\nceph osd pool create lab.data 16"

_NO_POOLS = REMOVE.splitlines()[-1]

_NO_CAPS = (
    f"ceph auth caps {CLIENT} mon 'allow r' osd 'allow rw tag cephfs data=lab'\n"
    f"ceph auth get {CLIENT} > {KEYRING}"
)

_ELSEWHERE = "sed -i 's/2001:db8::100/2001:db8::109/' /etc/ceph/ceph.conf"

_BACK = "sed -i 's/2001:db8::109/2001:db8::100/' /etc/ceph/ceph.conf"

_WITHOUT_CAPS = start_server("bravo").replace("osd 'allow rw tag cephfs *=*' mds 'allow'", "")

MISTAKES = {
    rstats.make: [
        Mistake("true", says="there is no pool lab.meta (pools: none)"),
        Mistake(_POOLS, says="the pool lab.meta is for no application yet", fix=_NO_POOLS),
        Mistake(
            f"{_POOLS}\nceph fs new lab lab.data lab.meta",
            says="its metadata are not in lab.meta. The metadata pool stands first",
            fix=REMOVE,
            fix_first=True,
        ),
        Mistake(
            f"{_POOLS}\nceph fs new cephfs lab.meta lab.data",
            says="it is called cephfs",
            fix=REMOVE.replace("fail lab", "fail cephfs").replace("rm lab", "rm cephfs"),
            fix_first=True,
        ),
    ],
    rstats.standby: [
        Mistake("true", says="(MDS_INSUFFICIENT_STANDBY: insufficient standby MDS daemons"),
        Mistake(
            start_server("bravo").rpartition("\n")[0],
            says="`ceph-mds -i bravo`.",
            fix=remove_server("bravo"),
        ),
        Mistake(
            _WITHOUT_CAPS,
            says="mds.bravo has no caps for osd. It would fail when",
            fix=remove_server("bravo"),
        ),
        Mistake(
            start_server("bravo").replace("osd 'allow rw tag cephfs *=*' mds", "mds"),
            says="mds.bravo has no caps for osd. It would fail when",
            fix=remove_server("bravo"),
        ),
    ],
    rstats.authorize: [
        Mistake("true", says="the cluster knows no client.lab"),
        Mistake(
            "ceph fs authorize lab client.lab / rwps",
            says=f"{KEYRING} does not have it",
            fix=FORBID,
        ),
        Mistake(
            AUTHORIZE.replace("rwps", "rw"),
            says="It can't set quotas: p is missing",
            fix=FORBID,
        ),
        Mistake(
            f"{AUTHORIZE}\n{_NO_CAPS}",
            says="no metadata server would speak to it",
            fix=FORBID,
        ),
    ],
    rstats.mount: [
        Mistake("true", says="nothing is mounted there. `ceph-fuse --id lab"),
        Mistake(
            f"{_ELSEWHERE}\ntimeout 3 ceph-fuse -f --id lab /media || true",
            says="a monitor is looked for at [2001:db8::109], where none is",
            fix=_BACK,
        ),
        Mistake(
            f"{_NO_CAPS}\ntimeout 3 ceph-fuse -f --id lab /media || true",
            says="the key of client.lab has no caps for mds",
            fix=AUTHORIZE,
            fix_first=True,
        ),
    ],
}
